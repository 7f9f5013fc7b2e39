# SPDX-License-Identifier: GPL-2.0-or-later

# No part of make test: it makes two roots of Debian.
container-test: container-packages programs test-module vm-programs ## the images: content, made twice, under crun with CNI's pods
	@tests/container/run $(VERSION)

kmm-test: container-packages $(BUILD)/ipmasqctl ## what the Kernel Module Management operator builds and loads, by buildah and in a VM
	@tests/unit/tap tests/container/kmm

.PHONY: container-test kmm-test
