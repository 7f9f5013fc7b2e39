# SPDX-License-Identifier: GPL-2.0-or-later

# The module's lookup and decision, compiled for user space. ASan watches the
# edges of its arrays; -O2 and -flto because ten million lookups a family are many.
TABLE_SOURCES := tests/unit/cidr_table.c tests/unit/prefix_sets.c \
	$(addprefix kmod/,cidr_table.c cidr_build.c cidr_block.c verdict.c \
		selector.c detail.c pool.c)

$(BUILD)/tests/cidr_table: $(TABLE_SOURCES) $(wildcard kmod/*.h tests/unit/*.h tests/unit/kernel/*/*.h)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O2 -flto -g -Wall -Wextra -Werror -D_GNU_SOURCE \
		-fsanitize=address,undefined -fno-sanitize-recover=all \
		-Itests/unit/kernel -Ikmod -Iinclude/uapi -o $@ $(TABLE_SOURCES)

table-test: $(BUILD)/tests/cidr_table ## the lookup against a naive oracle
	@$(BUILD)/tests/cidr_table

.PHONY: table-test
CHECK_PARTS += table-test
TEST_PROGRAMS += $(BUILD)/tests/cidr_table

# The programs' prediction beside it.
PREDICTION_SOURCES := tests/unit/decision_verdict.c $(filter-out tests/unit/cidr_table.c,$(TABLE_SOURCES)) \
	ctl/lib/decision.c ctl/lib/cidr.c

$(BUILD)/tests/decision_verdict: $(PREDICTION_SOURCES) \
		$(wildcard kmod/*.h ctl/lib/*.h tests/unit/*.h tests/unit/kernel/*/*.h)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O2 -flto -g -Wall -Wextra -Werror -D_GNU_SOURCE \
		-fsanitize=address,undefined -fno-sanitize-recover=all \
		-Itests/unit/kernel -I. -Ictl -Ikmod -Iinclude/uapi -o $@ $(PREDICTION_SOURCES)
