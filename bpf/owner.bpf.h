/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * The owner of a cgroup, its quotas and its losses. Looked up only where something new is to be
 * kept; a check that has its counter already costs nothing here.
 */
#pragma once

#include "task.bpf.h"

/* No container lies deeper; what is nested below it may, at will. */
#define OWNER_LEVELS 16

static __always_inline __u64 ancestor_of(struct cgroup *cgroup, int level)
{
	struct cgroup *ancestor;
	const void *base = cgroup;
	__u64 id = 0;

	if (bpf_core_field_exists(cgroup->ancestors)) {
		base += bpf_core_field_offset(cgroup->ancestors);
		ancestor = (void *)read_word(base + level * sizeof(ancestor));
		if (READS_ANYTHING)
			return AS(struct cgroup, ancestor)->kn->id;
		return BPF_CORE_READ(ancestor, kn, id);
	}
	base += bpf_core_field_offset(struct cgroup___before_6_1, ancestor_ids);
	bpf_probe_read_kernel(&id, sizeof(id), base + level * sizeof(id));
	return id;
}

static __always_inline bool is_marked(__u64 cgroup_id, enum capmon_place place)
{
	__u32 *mark = bpf_map_lookup_elem(&groups, &cgroup_id);

	return mark && *mark == place;
}

/* Keeps the verifier from following each level by itself, which made programs too large for 7.3. */
__u32 unknown_zero = 0;

struct owning_cgroup {
	__u64 id;
	int level;
};

/*
 * Whoever is inside of a container makes cgroups only below it, so the way is searched from the
 * top. Until capmond has seen a new group, all in it count as one.
 */
static __always_inline struct owning_cgroup owner_of(struct cgroup *cgroup)
{
	struct owning_cgroup owner = {};
	int level = BPF_CORE_READ(cgroup, level);
	__u64 id;
	int i;

	for (i = 1; i < OWNER_LEVELS; i++) {
		if (i > level)
			break;
		id = ancestor_of(cgroup, i);
		if (is_marked(id, CAPMON_PLACE_GROUP)) {
			owner.level = 0;
		} else if (!owner.level) {
			owner.id = id;
			owner.level = i + unknown_zero;
		}
	}
	if (!owner.level) {
		owner.id = BPF_CORE_READ(cgroup, kn, id);
		owner.level = level;
	}
	return owner;
}

static __always_inline __u64 owner_of_cgroup(struct cgroup *cgroup)
{
	return owner_of(cgroup).id;
}

/* Null only while capmond is still loading. */
static __always_inline struct capmon_owner *owner_record(__u64 owner)
{
	struct capmon_owner *record = bpf_map_lookup_elem(&owners, &owner);
	struct capmon_owner zero = {};
	__u64 shared = 0;

	if (record)
		return record;
	bpf_map_update_elem(&owners, &owner, &zero, BPF_NOEXIST);
	record = bpf_map_lookup_elem(&owners, &owner);
	return record ? record : bpf_map_lookup_elem(&owners, &shared);
}

static __always_inline void charge_loss(struct capmon_owner *owner, enum capmon_loss cause)
{
	if (owner)
		__sync_fetch_and_add(&owner->losses[cause], 1);
}

static __always_inline void charge_task(struct task_struct *task, enum capmon_loss cause)
{
	charge_loss(owner_record(owner_of_cgroup(cgroup_of_task(task))), cause);
}

/*
 * One owner gets an eighth of the ring until capmond gives room back, and details leave half of it
 * to what cannot be found out later: execs, capset(2), cgroups.
 */
static __always_inline bool may_reserve(struct capmon_owner *owner, __u32 size, bool detail)
{
	if (!owner)
		return true;
	if (owner->epoch != settings.epoch) {
		owner->epoch = settings.epoch;
		owner->ring_bytes = 0;
	}
	if (owner->ring_bytes + size > ring_size >> 3)
		return false;
	if (detail && bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) > ring_size >> 1)
		return false;
	__sync_fetch_and_add(&owner->ring_bytes, size);
	return true;
}

#define RESERVE(owner, type, detail) \
	((type *)(may_reserve(owner, sizeof(type), detail) ? \
			  bpf_ringbuf_reserve(&ring, sizeof(type), 0) : \
			  0))

/*
 * Up to its quota, and up to an eighth of what is free beside the reserve. The reserve is for
 * owners that have next to nothing yet.
 */
static __always_inline bool within_quota(const struct capmon_owner *owner)
{
	__u32 room = max_checks > keys_used ? max_checks - keys_used : 0;
	__u32 reserve = max_checks >> 3;
	__u32 share = room > reserve ? (room - reserve) >> 3 : 0;

	if (share < CAPMON_MIN_KEYS)
		share = CAPMON_MIN_KEYS;
	if (share > settings.keys_per_owner)
		share = settings.keys_per_owner;
	return owner->keys < share;
}
