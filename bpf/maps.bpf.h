/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* Everything the programs keep, and the two ways out: counters and the ring. */
#pragma once

#include "kernel_types.bpf.h"
#include "capmon_events.h"
#include <bpf/bpf_helpers.h>

/* Sizes are defaults; capmond sets them before load. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct capmon_check_key);
	__type(value, struct capmon_check_counts);
} checks SEC(".maps");

/* Keys in use per cgroup, so that one flooding cgroup cannot take everybody's room. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, __u32);
} cgroup_keys SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CAPMON_LOSS_CAUSES);
	__type(key, __u32);
	__type(value, __u64);
} losses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} ring SEC(".maps");

struct capmon_settings settings = {};
struct capmon_frame frames[CAPMON_FRAME_SLOTS] = {};

static __always_inline void count_loss(enum capmon_loss cause)
{
	__u32 index = cause;
	__u64 *count = bpf_map_lookup_elem(&losses, &index);

	if (count)
		(*count)++;
}

/* Wakes capmond only when the ring fills up; it looks by itself every tick. */
static __always_inline void submit(void *record)
{
	__u64 waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);

	bpf_ringbuf_submit(record, waiting > (1 << 19) ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

/* When something was last worth waking capmond for at once. */
__u64 woken = 0;
#define BETWEEN_WAKES 5000000 /* ns: a flood of short programs must not keep capmond busy */

static __always_inline void submit_at_once(void *record)
{
	__u64 now = bpf_ktime_get_ns();

	if (now - woken < BETWEEN_WAKES) {
		submit(record);
		return;
	}
	woken = now;
	bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
}
