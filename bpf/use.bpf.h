/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * Whether a server is put to use. One that only answers, a web server of static files, makes no check
 * and no exec for it; what it reads from its TCP connections shows it. A timer shows nothing.
 */
#pragma once

#include "owner.bpf.h"

/*
 * More reads of one cgroup say nothing new until capmond has looked: a busy server's CPUs would only take
 * the count from each other, which costs more than all the rest.
 */
#define READS_AT_ONCE 64

struct reads_noted {
	__u64 cgroup_id;
	__u32 epoch;
	__u32 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct reads_noted);
} reads_noted SEC(".maps");

static __always_inline bool noted_enough(__u64 cgroup_id)
{
	__u32 only = 0;
	struct reads_noted *noted = bpf_map_lookup_elem(&reads_noted, &only);

	if (!noted)
		return false;
	if (noted->cgroup_id != cgroup_id || noted->epoch != settings.epoch) {
		noted->cgroup_id = cgroup_id;
		noted->epoch = settings.epoch;
		noted->count = 0;
	}
	return ++noted->count > READS_AT_ONCE;
}

/* A task reads data that arrived. Most cgroups own what they count: found at once. */
static __always_inline void notice_use(void)
{
	struct cgroup *cgroup = cgroup_of_task(current_task());
	struct capmon_owner *owner;
	__u64 id;

	if (!cgroup)
		return;
	id = id_of(cgroup);
	if (noted_enough(id))
		return;
	owner = bpf_map_lookup_elem(&owners, &id);
	if (!owner)
		owner = owner_record(owner_of_cgroup(cgroup));
	if (owner)
		__sync_fetch_and_add(&owner->reads, 1);
}
