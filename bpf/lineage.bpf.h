/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * Whose a task is: part of a container's work, or of its runtime, which works inside of it as well.
 *
 * A task is the container's once it, or one it descends from, executed a program of the container's
 * own there. That stays: it may go on from memory, from a mount that is gone, or name another file
 * as its executable, or move to another cgroup of the container. A runtime's task, also that of a
 * later `docker exec`, comes from outside and has executed nothing yet. One container's task in the
 * cgroup of another is no runtime either.
 */
#pragma once

#include "exec_before.bpf.h"
#include "owner.bpf.h"

#define CAP_SYS_MODULE 16

struct lineage {
	__u64 cgroup_id; /* of the owner in which its first own program was executed */
	__u64 bounding;  /* the bounding set of that program */
	__u64 start_time;
	__u32 cgroup_level;
	__u32 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct lineage);
} lineages SEC(".maps");

/* Before 5.11 there is no storage by task: kept by thread, and the oldest are forgotten. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, struct lineage);
} lineages_by_thread SEC(".maps");

#define TASK_STORAGE bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_storage_get)

static __always_inline struct lineage *stored_lineage(void)
{
	struct task_struct *task = current_task();
	struct lineage *lineage;
	__u32 thread;

	if (TASK_STORAGE) {
		/* Programs of the host have none, and looking it up costs as much as all other facts. */
		if (bpf_core_field_exists(task->bpf_storage) && !TASK_READ(task, bpf_storage))
			return 0;
		return bpf_task_storage_get(&lineages, bpf_get_current_task_btf(), 0, 0);
	}
	thread = (__u32)bpf_get_current_pid_tgid();
	lineage = bpf_map_lookup_elem(&lineages_by_thread, &thread);
	if (lineage &&
	    lineage->start_time != BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), start_time))
		return 0; /* a thread that is gone had this number */
	return lineage;
}

/* In the owner itself or below it. */
static __always_inline bool is_within(struct cgroup *cgroup, const struct lineage *lineage)
{
	__u32 level = lineage->cgroup_level;

	return (__u32)TASK_READ(cgroup, level) >= level &&
	       ancestor_of(cgroup, level & 0xff) == lineage->cgroup_id;
}

/* Of the running task, as far as it counts where the task is now. */
static __always_inline struct lineage *lineage_of_current(struct task_struct *task)
{
	struct lineage *lineage = stored_lineage();

	if (!lineage || is_within(cgroup_of_task(task), lineage) ||
	    is_marked(lineage->cgroup_id, CAPMON_PLACE_CONTAINER))
		return lineage;
	return 0;
}

/* `task`: the running one, or one it makes. */
static __always_inline void store_lineage(struct task_struct *task, struct lineage *lineage)
{
	struct lineage *stored;
	__u32 thread;

	if (!lineage->cgroup_level)
		return; /* the root is no container's, and everything is below it */
	lineage->start_time = BPF_CORE_READ(task, start_time);
	if (TASK_STORAGE) {
		stored = bpf_task_storage_get(&lineages, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (stored)
			*stored = *lineage;
		return;
	}
	thread = BPF_CORE_READ(task, pid);
	bpf_map_update_elem(&lineages_by_thread, &thread, lineage, BPF_ANY);
}

/*
 * By which container's task a cgroup was made: by cgroup, the owner's. Makers on the host have no
 * entry, nor have those that may not load kernel modules: they could name the cgroup as a
 * neighbour's, while whatever may load modules could end capmond as well.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, __u64);
} cgroup_makers SEC(".maps");

static __always_inline void note_maker(__u64 cgroup_id)
{
	struct task_struct *task = current_task();
	struct lineage *lineage = stored_lineage();
	__u64 maker;

	if (!lineage || !(read_caps(&TASK_READ(task, real_cred)->cap_bset) & 1ULL << CAP_SYS_MODULE))
		return;
	maker = lineage->cgroup_id;
	bpf_map_update_elem(&cgroup_makers, &cgroup_id, &maker, BPF_ANY);
}

/* A task has left its container: until then no check pays for the search. */
__u32 any_has_left = 0;

/*
 * The cgroup that a task is charged to although it left it for one outside of its container; 0: where
 * it is. Not one that a container with every right made: a runtime in it starts others that way.
 * Global, so verified once by itself: inlined, it made programs too large for the verifier of 6.1.
 */
__noinline __u64 container_left(void)
{
	struct lineage *lineage = stored_lineage();
	struct cgroup *cgroup;
	__u64 *maker, owner;

	if (!lineage)
		return 0;
	cgroup = cgroup_of_task(current_task());
	if (is_within(cgroup, lineage) || !is_marked(lineage->cgroup_id, CAPMON_PLACE_CONTAINER))
		return 0;
	owner = owner_of_cgroup(cgroup);
	maker = bpf_map_lookup_elem(&cgroup_makers, &owner);
	return maker && *maker == lineage->cgroup_id ? 0 : lineage->cgroup_id;
}

static __always_inline __u64 left_container(void)
{
	return any_has_left ? container_left() : 0;
}

/* Global for the same reason. */
__noinline __u64 owner_of_current(void)
{
	return owner_of_cgroup(cgroup_of_task(current_task()));
}

/* The cgroup that the running task's records are charged to, and its owner. */
struct charged {
	__u64 cgroup_id;
	__u64 owner_id;
};

static __always_inline struct charged charged_for(struct task_struct *task)
{
	__u64 left = left_container();
	struct charged charged = { .cgroup_id = left, .owner_id = left };

	if (!left) {
		charged.cgroup_id = cgroup_of(task);
		charged.owner_id = owner_of_current();
	}
	return charged;
}

static __always_inline struct lineage begun_here(struct task_struct *task, __u64 bounding)
{
	struct owning_cgroup owner = owner_of(cgroup_of_task(task));
	struct lineage lineage = {
		.cgroup_id = owner.id,
		.cgroup_level = owner.level,
		.bounding = bounding,
	};

	return lineage;
}

static __always_inline bool from_inside(__u8 origin)
{
	return origin == CAPMON_EXE_OWN || origin == CAPMON_EXE_ELSEWHERE;
}

static __always_inline bool runs_from_inside(struct task_struct *task)
{
	struct file *exe = executable_of(task);

	return exe && from_inside(mounted_in(task, exe));
}

/* What is known of one that was there before us, and so of its sets. */
#define ANY_BOUNDING (~0ULL)

/* The running task makes another. */
static __always_inline void hand_lineage_on(struct task_struct *child)
{
	struct task_struct *task = current_task();
	struct lineage *lineage = stored_lineage();
	struct lineage copy;

	if (lineage)
		copy = *lineage;
	else if (runs_from_inside(task))
		copy = begun_here(task, ANY_BOUNDING);
	else
		return;
	store_lineage(child, &copy);
}

/* Before an exec replaces the executable of one that was there before us. */
static __always_inline void note_lineage(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct lineage lineage;

	if (lineage_of_current(task) || !runs_from_inside(task))
		return;
	lineage = begun_here(task, ANY_BOUNDING);
	store_lineage(task, &lineage);
}

/*
 * In a mount namespace of its own a runtime executes nothing but what it was asked to run, whatever
 * the executable is: the image may link it to the runtime's own binary (/proc/self/exe), to code in
 * memory (/proc/1/fd/N), or to a script for an interpreter opened outside (binfmt_misc, flag F).
 */
static __always_inline bool executes_in_own_mounts(struct task_struct *task)
{
	struct nsproxy *nsproxy = TASK_READ(task, nsproxy);

	return nsproxy && (__u64)TASK_READ(nsproxy, mnt_ns) != settings.host_mnt_ns;
}

/* Its own copies aside, a runtime that still is in the host's mounts executes what it was made for. */
static __always_inline bool executes_itself(struct linux_binprm *bprm, __u32 exe)
{
	struct exec_before *before = 0;
	char path[7] = {};

	if (TASK_STORAGE)
		before = bpf_task_storage_get(&execs_before, bpf_get_current_task_btf(), 0, 0);
	if (before && before->known && before->exe)
		return before->exe == exe;
	bpf_probe_read_kernel_str(path, sizeof(path), BPF_CORE_READ(bprm, filename));
	return path[0] == '/' && path[1] == 'p' && path[2] == 'r' && path[3] == 'o' &&
	       path[4] == 'c' && path[5] == '/';
}

/* The first program of a container that has no mount namespace of its own. */
static __always_inline bool begins_in_host_mounts(struct task_struct *task,
						  struct linux_binprm *bprm)
{
	struct file *exe = executable_of(task);
	struct nsproxy *nsproxy = TASK_READ(task, nsproxy);

	return exe && nsproxy && (__u64)TASK_READ(nsproxy, mnt_ns) == settings.host_mnt_ns &&
	       mounted_in(task, exe) == CAPMON_EXE_HOST &&
	       is_marked(owner_of_cgroup(cgroup_of_task(task)), CAPMON_PLACE_CONTAINER) &&
	       !executes_itself(bprm, number_of(exe));
}

/* After an exec. */
static __always_inline void learn_lineage(struct task_struct *task, struct linux_binprm *bprm)
{
	struct lineage lineage;

	if (lineage_of_current(task) ||
	    (!runs_from_inside(task) && !executes_in_own_mounts(task) &&
	     !begins_in_host_mounts(task, bprm)))
		return;
	lineage = begun_here(task, read_caps(&TASK_READ(task, real_cred)->cap_bset));
	store_lineage(task, &lineage);
}

/* Where the executable comes from, seen from the running task. */
static __always_inline __u8 origin_of(struct task_struct *task, struct file *exe)
{
	__u8 origin = mounted_in(task, exe);

	if (origin == CAPMON_EXE_HOST && lineage_of_current(task))
		return CAPMON_EXE_OUTSIDE;
	if (origin == CAPMON_EXE_NONE && lineage_of_current(task))
		return CAPMON_EXE_MEMORY;
	return origin;
}
