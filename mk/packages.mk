# SPDX-License-Identifier: GPL-2.0-or-later
##@ Packages and images
#
# Packages. The version is that of dkms.conf, and the Debian changelog is made
# with it; what a version changed is in the git log.

# What is in the work tree, without what was built: git knows its files, a tree
# without git has none but its own.
TARBALL := $(BUILD)/ipmasq-$(VERSION).tar.gz
tarball: ## make build/ipmasq-VERSION.tar.gz for packages
	@mkdir -p $(BUILD)
	{ if [ -e .git ]; then git ls-files; else find . -path ./$(BUILD) -prune -o -type f -print; fi; } | \
		tar -cz --transform 's,^\(\./\)*,ipmasq-$(VERSION)/,' --owner 0 --group 0 \
		-f $(TARBALL) -T -

DEB_SOURCE := $(BUILD)/deb/ipmasq-$(VERSION)
DEB_DATE = $(shell date -u -R -d "@$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct 2>/dev/null || date +%s)}")
deb: tarball ## build Debian packages (build/deb/)
	rm -rf $(BUILD)/deb
	mkdir -p $(BUILD)/deb
	tar -xz -C $(BUILD)/deb -f $(TARBALL)
	cp -r deploy/debian $(DEB_SOURCE)/debian
	printf 'ipmasq (%s) unstable; urgency=medium\n\n  * Version %s.\n\n -- %s  %s\n' \
		'$(VERSION)' '$(VERSION)' '$(shell sed -n 's/^Maintainer: //p' deploy/debian/control)' \
		'$(DEB_DATE)' >$(DEB_SOURCE)/debian/changelog
	cd $(DEB_SOURCE) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL dpkg-buildpackage -us -uc

rpm: tarball ## build RPM packages (build/rpm/), where rpmbuild is at home
	rpmbuild -bb $(RPMFLAGS) --define 'ipmasq_version $(VERSION)' \
		--define '_topdir $(CURDIR)/$(BUILD)/rpm' --define '_sourcedir $(CURDIR)/$(BUILD)' \
		deploy/rpm/ipmasq.spec

package-deps:
	@scripts/install-packages scripts/packages deploy/build-packages

.PHONY: tarball deb rpm package-deps
