# SPDX-License-Identifier: GPL-2.0-or-later

# The suites whose packages are tested; the root file systems come from packages.
SUITES ?= bookworm trixie
packages-test: package-deps tarball ## build, install, upgrade and purge packages in fresh root file systems
	@SUITES="$(SUITES)" tests/unit/tap tests/debian/packages

.PHONY: packages-test
