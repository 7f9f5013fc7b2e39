# SPDX-License-Identifier: GPL-2.0-or-later

install-test: programs man $(COMPLETION) ## man pages, completion, make install, package recipes
	@tests/unit/tap tests/install/manual tests/install/completion tests/install/files \
		tests/install/recipes tests/install/kernels tests/install/build

rpm-test: tarball programs man $(COMPLETION) ## build the RPM packages and look into them
	@tests/unit/tap tests/install/rpm

# No part of make test: it compiles once more what rpm-test has.
arch-test: package-deps tarball programs man $(COMPLETION) ## build the Arch packages and look into them
	@tests/unit/tap tests/install/arch

.PHONY: install-test rpm-test arch-test
CHECK_PARTS += install-test
TEST_PARTS += rpm-test
TEST_PROGRAMS += man $(COMPLETION)
