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

/* What each owner uses and lost, so that none takes another's room. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CAPMON_MAX_OWNERS);
	__type(key, __u64);
	__type(value, struct capmon_owner);
} owners SEC(".maps");

/* Cgroups that only group others, and those of containers: enum capmon_place. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CAPMON_MAX_GROUPS);
	__type(key, __u64);
	__type(value, __u32);
} groups SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} ring SEC(".maps");

const volatile __u32 max_checks = 16384;
const volatile __u32 ring_size = 8 << 20;

struct capmon_settings settings = {};
struct capmon_frame frames[CAPMON_FRAME_SLOTS] = {};
__u32 keys_used = 0; /* entries of `checks` */

/* Wakes capmond only when the ring fills up; it looks by itself every tick. */
static __always_inline void submit(void *record)
{
	__u64 waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);

	bpf_ringbuf_submit(record, waiting > (1 << 19) ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

/*
 * Wakes capmond, but a flood of short programs must not keep it busy: 200 times a second, and some
 * more after a pause, for the start of a container is several programs within milliseconds.
 */
#define NS_PER_WAKE 5000000
#define WAKES_IN_A_ROW 64

__u64 wakes_paid_until = 0;

static __always_inline bool may_wake(void)
{
	__u64 now = bpf_ktime_get_ns(), earliest = now - WAKES_IN_A_ROW * (__u64)NS_PER_WAKE;
	__u64 paid_until = wakes_paid_until > earliest ? wakes_paid_until : earliest;

	if (paid_until > now)
		return false;
	wakes_paid_until = paid_until + NS_PER_WAKE;
	return true;
}

static __always_inline void submit_at_once(void *record)
{
	if (may_wake())
		bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
	else
		submit(record);
}

/*
 * A new kind of check may be an alert. capmond reads the counters CAPMON_SETTLES_NS after it was woken, or
 * later: one wake for all that come within half of that.
 */
__u64 woken_for_check = 0;

static __always_inline void submit_new_check(void *record)
{
	__u64 now = bpf_ktime_get_ns();

	if (now - woken_for_check < CAPMON_SETTLES_NS / 2) {
		submit(record);
		return;
	}
	woken_for_check = now;
	bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
}
