# SPDX-License-Identifier: GPL-2.0-or-later

install-test: programs man $(COMPLETION) ## man pages, completion, make install, package recipes
	@tests/unit/tap tests/install/manual tests/install/completion tests/install/files \
		tests/install/recipes

.PHONY: install-test
TEST_PARTS += install-test
