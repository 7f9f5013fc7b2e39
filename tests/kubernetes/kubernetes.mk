# SPDX-License-Identifier: GPL-2.0-or-later

kubernetes-test: $(BUILD)/ipmasqd $(BUILD)/ipmasqctl ## manifests and chart against the API's schemas, rendered by kubectl and helm
	@tests/kubernetes/run $(BUILD)/ipmasqd $(BUILD)/ipmasqctl

kubectl-test: $(BUILD)/ipmasqctl ## the plugin "kubectl ipmasq", called by kubectl, against an API server of its own
	@tests/kubernetes/plugin $(BUILD)/ipmasqctl

commands-test: programs ## the commands that README.md and docs/ give to copy
	@tests/kubernetes/commands $(BUILD)/ipmasqctl $(BUILD)/ipmasqd $(VERSION)

# What is to be given to a cluster, with the version in it.
IMAGE ?= ipmasq
LOADER_IMAGE ?= $(IMAGE)-loader
OVERLAY ?= default
manifests: ## render build/kubernetes/OVERLAY.yaml (OVERLAY=default IMAGE=registry.example.org/ipmasq)
	@tests/kubernetes/render "$(OVERLAY)" "$(IMAGE)" "$(LOADER_IMAGE)" "$(VERSION)"

chart: ## pack the Helm chart into build/helm
	@$$(tests/kubernetes/tools)/helm package deploy/helm/ipmasq --version $(VERSION) \
		--app-version $(VERSION) --destination $(BUILD)/helm 2>$(BUILD)/helm.log || \
		{ cat $(BUILD)/helm.log >&2; false; }

.PHONY: kubernetes-test kubectl-test commands-test manifests chart
TEST_PARTS += kubernetes-test kubectl-test commands-test
