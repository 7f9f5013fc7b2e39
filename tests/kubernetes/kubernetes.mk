# SPDX-License-Identifier: GPL-2.0-or-later

kubernetes-test: $(BUILD)/ipmasqd $(BUILD)/ipmasqctl ## manifests and chart against the API's schemas, rendered by kubectl and helm
	@tests/kubernetes/run $(BUILD)/ipmasqd $(BUILD)/ipmasqctl

kubectl-test: $(BUILD)/ipmasqctl ## the plugin "kubectl ipmasq", called by kubectl, against an API server of its own
	@tests/kubernetes/plugin $(BUILD)/ipmasqctl

commands-test: programs ## the commands that README.md and docs/ give to copy
	@tests/kubernetes/commands $(BUILD)/ipmasqctl $(BUILD)/ipmasqd $(VERSION)

.PHONY: kubernetes-test kubectl-test commands-test
CHECK_PARTS += commands-test
TEST_PARTS += kubernetes-test kubectl-test
