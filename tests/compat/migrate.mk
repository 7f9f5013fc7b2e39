# SPDX-License-Identifier: GPL-2.0-or-later

$(BUILD)/vm/migrate.cases: tests/compat/rules tests/compat/cases.json
	@mkdir -p $(@D)
	tests/compat/rules >$@.draft
	mv $@.draft $@

vm-programs: $(BUILD)/vm/migrate.cases
