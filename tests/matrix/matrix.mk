# SPDX-License-Identifier: GPL-2.0-or-later

# No part of make test: it takes the VM suite's time for each kernel.
KERNELS ?=
matrix: programs vm-programs ## the VM suite on each kernel of docs/kernels.md (KERNELS="6.12 7.x")
	@scripts/install-packages scripts/packages tests/packages tests/matrix/packages
	@tests/matrix/run $(KERNELS)

.PHONY: matrix
