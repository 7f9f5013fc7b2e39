# SPDX-License-Identifier: GPL-2.0-or-later

# No part of make test: it takes a large download and some minutes.
selftests: programs ## the kernel's own NAT and conntrack tests, with and without ipmasq (KERNELS=7.3)
	@scripts/install-packages scripts/packages tests/packages tests/selftests/packages
	@tests/selftests/run $(KERNELS)

.PHONY: selftests
