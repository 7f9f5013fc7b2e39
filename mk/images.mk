# SPDX-License-Identifier: GPL-2.0-or-later
##@ Packages and images

container-packages:
	@scripts/install-packages scripts/packages deploy/container/packages

image: container-packages ## OCI image of daemon and tool, amd64 and arm64, in build/container/image
	@deploy/container/build $(BUILD)/container/image $(VERSION)

loader-image: container-packages ## OCI image that loads or builds the module, in build/container/image
	@deploy/container/loader $(BUILD)/container/image $(VERSION) amd64 arm64

# What is to be given to a cluster, with the version in it.
IMAGE ?= ipmasq
LOADER_IMAGE ?= $(IMAGE)-loader
OVERLAY ?= default
manifests: ## render build/kubernetes/OVERLAY.yaml (OVERLAY=default IMAGE=registry.example.org/ipmasq)
	@scripts/render "$(OVERLAY)" "$(IMAGE)" "$(LOADER_IMAGE)" "$(VERSION)"

chart: ## pack the Helm chart into build/helm
	@$$(command -v helm || echo $$(scripts/kubernetes-tools)/helm) package deploy/helm/ipmasq --version $(VERSION) \
		--app-version $(VERSION) --destination $(BUILD)/helm 2>$(BUILD)/helm.log || \
		{ cat $(BUILD)/helm.log >&2; false; }

NODE_SUITE ?= $(shell . /etc/os-release && echo $$VERSION_CODENAME)
node-image: package-deps deb ## make a bootable disk image of a node (build/node-image/node.img)
	deploy/node-image/build $(NODE_SUITE) $(BUILD)/deb $(BUILD)/node-image/node.img

.PHONY: container-packages image loader-image manifests chart node-image
