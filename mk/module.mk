# SPDX-License-Identifier: GPL-2.0-or-later
##@ Build

# A release whose headers are installed, or a folder of headers.
KERNEL ?= $(shell uname -r)
MODULE_SOURCE := $(wildcard kmod/*.[ch] kmod/*/*.[ch]) kmod/Kbuild include/uapi/linux/ipmasq.h dkms.conf

module: ## build the kernel module for the running kernel (KERNEL=release or folder)
	@scripts/module -k "$(KERNEL)"

.PHONY: module
