/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_FAMILY_H
#define IPMASQD_FAMILY_H

struct family;

/* What happened to the module's generic-netlink family. */
enum family_news {
	FAMILY_SAME,
	FAMILY_CAME,	/* the module was loaded */
	FAMILY_WENT,	/* it was unloaded */
	FAMILY_UNSURE,	/* something was missed */
};

int family_open(struct family **family);
void family_close(struct family *family);
int family_descriptor(const struct family *family);
enum family_news family_read(struct family *family);

#endif
