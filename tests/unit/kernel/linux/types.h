/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of the kernel's headers as cidr_table.c and verdict.c need, so that
 * the same two files compile for user space. What they only hold and never use
 * there, locks and per-CPU pointers, is an empty type.
 */
#ifndef IPMASQ_TESTS_KERNEL_TYPES_H
#define IPMASQ_TESTS_KERNEL_TYPES_H

#include_next <linux/types.h>

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define U8_MAX UINT8_MAX
#define U32_MAX UINT32_MAX
#define U64_MAX UINT64_MAX
#define GFP_KERNEL 0
#define GFP_KERNEL_ACCOUNT 0
#define __GFP_RETRY_MAYFAIL 0
#define __GFP_NOWARN 0
#define PF_KTHREAD 1
#define current (&(const struct task_struct){ .flags = 0 })
#define __percpu
#define __rcu
#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#define min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define max_t(type, a, b) ((type)(a) > (type)(b) ? (type)(a) : (type)(b))
#define be32_to_cpu(value) be32toh(value)
#define cpu_to_be32(value) htobe32(value)
#define le32_to_cpu(value) le32toh(value)
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define DECLARE_BITMAP(name, bits) unsigned long name[(bits) / (8 * sizeof(long))]
#define cond_resched() do { } while (0)
#define this_cpu_inc(value) ((value)++)
#define raw_smp_processor_id() 0
#define raw_cpu_ptr(pointer) (pointer)
#define __force
#define swap(a, b) do { __typeof__(a) kept = (a); (a) = (b); (b) = kept; } while (0)
#define noinline __attribute__((noinline))
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

typedef int gfp_t;
struct task_struct { unsigned int flags; };
struct kref { int count; };
struct mutex { int owner; };
struct rcu_work { int pending; };
struct delayed_work { int pending; };
typedef struct { long counter; } atomic_long_t;
typedef struct { int waiters; } wait_queue_head_t;
typedef struct { s64 counter; } atomic64_t;
typedef struct { int count; } refcount_t;

static inline void atomic64_add(s64 addend, atomic64_t *value)
{
	value->counter += addend;
}

static inline void atomic64_inc(atomic64_t *value)
{
	value->counter++;
}

static inline void refcount_set(refcount_t *count, int value)
{
	count->count = value;
}

static inline void refcount_inc(refcount_t *count)
{
	count->count++;
}

static inline bool refcount_dec_and_test(refcount_t *count)
{
	return --count->count == 0;
}

static inline int fls64(u64 value)
{
	return value ? 64 - __builtin_clzll(value) : 0;
}

static inline int ilog2(u64 value)
{
	return fls64(value) - 1;
}

/* Tests make allocations fail by counting them down: the n-th from now on. */
extern long ipmasq_test_allocations_left;

static inline void *kvmalloc_array(size_t count, size_t size, int flags)
{
	(void)flags;
	if (ipmasq_test_allocations_left >= 0 && ipmasq_test_allocations_left-- == 0)
		return NULL;
	return reallocarray(NULL, count ? count : 1, size);
}

static inline void *kvmalloc(size_t size, int flags)
{
	return kvmalloc_array(1, size, flags);
}

static inline void kvfree(const void *memory)
{
	free((void *)memory);
}

static inline void *kzalloc(size_t size, int flags)
{
	void *memory = kvmalloc(size, flags);

	return memory ? memset(memory, 0, size) : NULL;
}

#define kmalloc kvmalloc
#define kfree kvfree

#define struct_size(pointer, member, count) \
	(sizeof(*(pointer)) + sizeof((pointer)->member[0]) * (count))

static inline void sort(void *base, size_t count, size_t size,
			int (*compare)(const void *, const void *), void *swap_function)
{
	(void)swap_function;
	if (count)
		qsort(base, count, size, compare);
}

/* Not the kernel's hash: which address of a pool it picks is not looked at here. */
static inline u32 jhash2(const u32 *words, u32 count, u32 seed)
{
	while (count--)
		seed = (seed ^ *words++) * 0x9e3779b1;
	return seed;
}

#endif
