# SPDX-License-Identifier: GPL-2.0-or-later

node-image-test: node-image programs vm-programs ## boot that image, upgrade and reboot it
	@tests/unit/tap tests/node/run

.PHONY: node-image-test
