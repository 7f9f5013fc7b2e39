# SPDX-License-Identifier: GPL-2.0-or-later
##@ Install
#
# make install puts the programs and what belongs to them below PREFIX, and
# make install-source the module's source where DKMS looks for it; DESTDIR goes
# before all. Packages are made with the same two.

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
SBINDIR ?= $(PREFIX)/sbin
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
MANDIR ?= $(PREFIX)/share/man
UNITDIR ?= $(LIBDIR)/systemd/system
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
SOURCEDIR ?= /usr/src
DKMS ?= dkms

MAN_PAGES := $(addprefix $(BUILD)/man/,kubectl-ipmasq.1 ipmasqctl.8 ipmasqd.8 ipmasq.conf.5 ipmasq.7)
UNITS := $(notdir $(wildcard deploy/systemd/*.service))
DKMS_SOURCE := $(SOURCEDIR)/ipmasq-$(VERSION)

$(BUILD)/man/%: docs/man/%
	@mkdir -p $(@D)
	$(Q)sed 's/@VERSION@/$(VERSION)/' $< >$@

# Its commands come from the program, which has them from its one table.
$(BUILD)/man/ipmasqctl.8: docs/man/ipmasqctl.8 docs/man/commands $(BUILD)/ipmasqctl
	@mkdir -p $(@D)
	$(Q)docs/man/commands $(BUILD)/ipmasqctl >$@.commands
	$(Q)sed -e 's/@VERSION@/$(VERSION)/' -e '/^@COMMANDS@$$/ { r $@.commands' -e 'd }' $< >$@

COMPLETION := $(addprefix $(BUILD)/completion/,ipmasq.bash _ipmasqctl)
$(COMPLETION): $(BUILD)/completion/%: deploy/completion/%.in deploy/completion/table \
	$(BUILD)/ipmasqctl $(BUILD)/ipmasqd
	@mkdir -p $(@D)
	$(Q)deploy/completion/table $< $(BUILD)/ipmasqctl $(BUILD)/ipmasqd >$@.draft
	@mv $@.draft $@

man: $(MAN_PAGES) ## build the man pages (build/man/)

install: programs man $(COMPLETION) ## install programs, man pages, completion and units (DESTDIR, PREFIX)
	install -D -m 755 -t $(DESTDIR)$(SBINDIR) $(BUILD)/ipmasqctl $(BUILD)/ipmasqd
	install -D -m 755 -t $(DESTDIR)$(BINDIR) deploy/kubectl/kubectl-ipmasq
	install -D -m 644 -t $(DESTDIR)$(MANDIR)/man1 $(BUILD)/man/kubectl-ipmasq.1
	install -D -m 644 -t $(DESTDIR)$(MANDIR)/man5 $(BUILD)/man/ipmasq.conf.5
	install -D -m 644 -t $(DESTDIR)$(MANDIR)/man7 $(BUILD)/man/ipmasq.7
	install -D -m 644 -t $(DESTDIR)$(MANDIR)/man8 $(BUILD)/man/ipmasqctl.8 $(BUILD)/man/ipmasqd.8
	install -D -m 644 $(BUILD)/completion/ipmasq.bash $(DESTDIR)$(BASHDIR)/ipmasqctl
	ln -sf ipmasqctl $(DESTDIR)$(BASHDIR)/ipmasqd
	install -D -m 644 -t $(DESTDIR)$(ZSHDIR) $(BUILD)/completion/_ipmasqctl
	install -d $(DESTDIR)$(UNITDIR)
	for unit in $(UNITS); do \
		sed 's|@SBINDIR@|$(SBINDIR)|g' deploy/systemd/$$unit >$(DESTDIR)$(UNITDIR)/$$unit || exit; \
	done
	install -D -m 644 deploy/systemd/modules-load.conf $(DESTDIR)$(LIBDIR)/modules-load.d/ipmasq.conf
	install -d $(DESTDIR)$(SYSCONFDIR)/ipmasq $(DESTDIR)$(SYSCONFDIR)/default
	[ -e $(DESTDIR)$(SYSCONFDIR)/ipmasq/ipmasq.conf ] || \
		install -m 644 -t $(DESTDIR)$(SYSCONFDIR)/ipmasq deploy/systemd/ipmasq.conf
	[ -e $(DESTDIR)$(SYSCONFDIR)/default/ipmasqd ] || \
		install -m 644 deploy/systemd/default $(DESTDIR)$(SYSCONFDIR)/default/ipmasqd

# Configuration and saved state stay, as does the policy that is in force.
uninstall: ## the opposite of install and dkms; configuration files stay
	rm -f $(DESTDIR)$(SBINDIR)/ipmasqctl $(DESTDIR)$(SBINDIR)/ipmasqd $(DESTDIR)$(BINDIR)/kubectl-ipmasq
	rm -f $(DESTDIR)$(MANDIR)/man1/kubectl-ipmasq.1 $(DESTDIR)$(MANDIR)/man5/ipmasq.conf.5
	rm -f $(DESTDIR)$(MANDIR)/man7/ipmasq.7
	rm -f $(DESTDIR)$(MANDIR)/man8/ipmasqctl.8 $(DESTDIR)$(MANDIR)/man8/ipmasqd.8
	rm -f $(DESTDIR)$(BASHDIR)/ipmasqctl $(DESTDIR)$(BASHDIR)/ipmasqd $(DESTDIR)$(ZSHDIR)/_ipmasqctl
	rm -f $(addprefix $(DESTDIR)$(UNITDIR)/,$(UNITS)) $(DESTDIR)$(LIBDIR)/modules-load.d/ipmasq.conf
	[ -n "$(DESTDIR)" ] || ! $(DKMS) status ipmasq/$(VERSION) 2>/dev/null | grep -q . || \
		$(DKMS) remove ipmasq/$(VERSION) --all
	rm -rf $(DESTDIR)$(DKMS_SOURCE)

install-source: ## install the module's source for DKMS (DESTDIR)
	for file in $(MODULE_SOURCE); do \
		install -D -m 644 $$file $(DESTDIR)$(DKMS_SOURCE)/$$file || exit; \
	done

dkms: install-source ## build and install the module with DKMS (KERNEL=release)
	$(DKMS) status ipmasq/$(VERSION) | grep -q . || $(DKMS) add ipmasq/$(VERSION)
	$(DKMS) build --force ipmasq/$(VERSION) -k $(KERNEL)
	$(DKMS) install --force ipmasq/$(VERSION) -k $(KERNEL)

.PHONY: man install uninstall install-source dkms
