// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static int unmap_pages(struct dl_phdr_info *object, size_t size, void *data)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	int i;

	(void)size;
	(void)data;
	for (i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
		uintptr_t begin, end;

		/* What the linker writes to, relocated constants included, is in
		 * writable segments.
		 */
		if (segment->p_type != PT_LOAD || segment->p_flags & PF_W)
			continue;
		begin = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
		end = (object->dlpi_addr + segment->p_vaddr + segment->p_filesz + page - 1) &
		      ~(page - 1);
		madvise((void *)begin, end - begin, MADV_DONTNEED);
	}
	return 0;
}

/**
 * memory_give_back() - return what only the start needed
 *
 * Most of the libraries' code and symbol tables is used once, by the linker
 * and by the setup, and stays mapped for as long as the process lives. Pages of
 * a file that were never written can be let go at any time: what is needed
 * again comes back from the page cache.
 */
void memory_give_back(void)
{
	malloc_trim(0);
	dl_iterate_phdr(unmap_pages, NULL);
}
