# SPDX-License-Identifier: GPL-2.0-or-later

MIGRATE_TEST_SOURCES := tests/unit/migrate_test.c $(addprefix ctl/ipmasqctl/migrate_, \
	compare.c owner.c program.c rules.c) $(wildcard ctl/lib/config*.c ctl/lib/policy*.c) \
	$(addprefix ctl/lib/,cidr.c duration.c ports.c suggest.c text.c)

$(BUILD)/tests/migrate_test: $(MIGRATE_TEST_SOURCES) $(wildcard ctl/lib/*.h ctl/ipmasqctl/*.h)
	@mkdir -p $(@D)
	$(CC) $(IPMASQ_CFLAGS) -Ictl/ipmasqctl -g -fsanitize=address,undefined \
		-fno-sanitize-recover=all -o $@ $(filter %.c,$^) \
		$(shell pkg-config --libs yaml-0.1 jansson cmocka)

migrate-test: $(BUILD)/tests/migrate_test ## the agent's recorded rules against the policy, for ipmasqctl migrate
	@CASES=tests/compat/cases.json tests/unit/tap $(BUILD)/tests/migrate_test

.PHONY: migrate-test
TEST_PARTS += migrate-test
