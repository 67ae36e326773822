/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * Whether a server is put to use. One that only answers, a web server of static files, makes no check
 * and no exec for it; what it reads from its TCP connections shows it. A timer shows nothing.
 */
#pragma once

#include "owner.bpf.h"

/* A task reads data that arrived. An owner that keeps nothing has no profile to wait for use. */
static __always_inline void notice_use(void)
{
	struct cgroup *cgroup = cgroup_of_task(current_task());
	__u64 id = cgroup ? id_of(cgroup) : 0;
	struct capmon_owner *owner = id ? bpf_map_lookup_elem(&owners, &id) : 0;

	if (!owner && id) { /* a cgroup nested in the container's */
		id = owner_of_cgroup(cgroup);
		owner = bpf_map_lookup_elem(&owners, &id);
	}
	if (owner)
		__sync_fetch_and_add(&owner->reads, 1);
}
