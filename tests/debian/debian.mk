# SPDX-License-Identifier: GPL-2.0-or-later

# Debian oldstable, stable and testing: the suites whose packages are tested; the root file systems come from packages.
SUITES ?= bookworm trixie forky
packages-test: package-deps tarball ## build, install, upgrade and purge packages in fresh root file systems
	@SUITES="$(SUITES)" tests/unit/tap tests/debian/packages

.PHONY: packages-test
