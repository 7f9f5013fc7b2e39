# SPDX-License-Identifier: GPL-2.0-or-later

container-packages:
	@tests/install-packages tests/container/packages

image: container-packages ## OCI image of daemon and tool, amd64 and arm64, in build/container/image
	@deploy/container/build $(BUILD)/container/image $(VERSION)

loader-image: container-packages ## OCI image that loads or builds the module, in build/container/image
	@deploy/container/loader $(BUILD)/container/image $(VERSION) amd64 arm64

# No part of make test: it makes two roots of Debian.
container-test: container-packages programs module vm-programs ## the images: content, made twice, under crun with CNI's pods
	@tests/container/run $(VERSION)

kmm-test: container-packages $(BUILD)/ipmasqctl ## what the Kernel Module Management operator builds and loads, by buildah and in a VM
	@tests/unit/tap tests/container/kmm

.PHONY: container-packages image loader-image container-test kmm-test
