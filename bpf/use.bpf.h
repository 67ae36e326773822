/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * Whether a server is put to use. One that only answers, a web server of static files, makes no check
 * and no exec for it; what it reads from its TCP connections shows it. A timer shows nothing.
 */
#pragma once

#include "owner.bpf.h"

/* A task reads data that arrived. Most cgroups own what they count: found at once. */
static __always_inline void notice_use(void)
{
	struct cgroup *cgroup = cgroup_of_task(current_task());
	struct capmon_owner *owner;
	__u64 id;

	if (!cgroup)
		return;
	id = id_of(cgroup);
	owner = bpf_map_lookup_elem(&owners, &id);
	if (!owner)
		owner = owner_record(owner_of_cgroup(cgroup));
	if (owner)
		__sync_fetch_and_add(&owner->reads, 1);
}
