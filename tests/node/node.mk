# SPDX-License-Identifier: GPL-2.0-or-later

NODE_SUITE ?= $(shell . /etc/os-release && echo $$VERSION_CODENAME)
node-image: package-deps deb ## make a bootable disk image of a node (build/node-image/node.img)
	deploy/node-image/build $(NODE_SUITE) $(BUILD)/deb $(BUILD)/node-image/node.img

node-image-test: node-image programs vm-programs ## boot that image, upgrade and reboot it
	@tests/unit/tap tests/node/run

.PHONY: node-image node-image-test
