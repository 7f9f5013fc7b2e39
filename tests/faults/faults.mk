# SPDX-License-Identifier: GPL-2.0-or-later

# No part of make test: a minute or two.
fault-test: programs vm-programs ## each allocation of each netlink command fails once, in User-Mode Linux
	@tests/faults/run

.PHONY: fault-test
