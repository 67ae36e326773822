/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * The checks of the system call that a task is in, until its end. Since 6.18 with the work that the
 * task does then, by thread (end_of_call.bpf.h); before, in the storage of the task.
 */
#pragma once

#include "task.bpf.h"

#define MAX_PENDING 4

struct pending_checks {
	__u32 count;
	__u32 watch;    /* the number of the watch it belongs to, where all calls are watched */
	__u32 question; /* the call was answered as an empty request is */
	__u32 unused;
	struct capmon_check_key keys[MAX_PENDING];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct pending_checks);
} pending SEC(".maps");

/* As the kernel defines it; found by its name in the map's value. */
struct bpf_task_work {
	__u64 opaque;
} __attribute__((aligned(8)));

struct awaited_end {
	struct bpf_task_work work;
	struct pending_checks checks;
};

/* Threads that are in a system call whose end is awaited. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct awaited_end);
} awaited_ends SEC(".maps");

/* The ends of calls that make checks are awaited: among these capset(2), execve(2). */
const volatile bool ends_awaited = false;

static __always_inline struct pending_checks *pending_of_current(void)
{
	struct awaited_end *awaited;
	__u64 thread;

	if (!ends_awaited)
		return bpf_task_storage_get(&pending, bpf_get_current_task_btf(), 0, 0);
	thread = bpf_get_current_pid_tgid();
	awaited = bpf_map_lookup_elem(&awaited_ends, &thread);
	return awaited ? &awaited->checks : 0;
}

/* One more of the call that `waiting` is about. False if it has no room. */
static __always_inline bool add_pending(struct pending_checks *waiting,
					const struct capmon_check_key *key)
{
	const struct capmon_check_key *last;

	if (waiting->count >= MAX_PENDING)
		return false;
	if (waiting->count) {
		last = &waiting->keys[(waiting->count - 1) & (MAX_PENDING - 1)];
		if (last->site == key->site && last->capability == key->capability &&
		    last->granted == key->granted)
			return true; /* asked twice: one outcome */
	}
	waiting->keys[waiting->count & (MAX_PENDING - 1)] = *key;
	waiting->count++;
	return true;
}
