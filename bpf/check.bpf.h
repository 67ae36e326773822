/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* One capability check: describe it as a key, count it, and emit a record if it is new. */
#pragma once

#include "caller.bpf.h"
#include "lineage.bpf.h"
#include "operand.bpf.h"
#include "owner.bpf.h"

/* A check as its hook saw it. */
struct seen_check {
	const void *base;        /* where the hook's part of the kernel stack begins */
	const struct cred *cred;
	const struct user_namespace *target;
	__u8 target_level;
	__u8 capability;
	bool options_known;
	__u32 options;           /* CAP_OPT_* */
	bool granted;
	bool unwound;            /* its stack is among entry_stacks */
	bool quiet;              /* from locate(), like */
	__u64 site;              /* the return address into the call site */
	__u64 caller;            /* at entry, whom it returns to, in the place of the base's first word; else 0 */
};

#define MAX_USER_NAMESPACES 33 /* one below the other, the kernel's own limit */

#define CAP_OPT_NOAUDIT 2
#define CAP_OPT_INSETID 4

/* While the stack above the base is as cap_capable() was entered with. */
static __always_inline void locate(struct seen_check *check)
{
	check->site = asking_site(check->base, check->caller, &check->quiet);
}

static __always_inline __u16 option_traits(const struct seen_check *check)
{
	if (!check->options_known)
		return 0;
	return CAPMON_OPTIONS_KNOWN | (check->options & CAP_OPT_NOAUDIT ? CAPMON_NO_AUDIT : 0) |
	       (check->options & CAP_OPT_INSETID ? CAPMON_IN_SET_ID : 0);
}

/*
 * Granted because the task owns the user namespace, or one it is in: as the kernel walks from the
 * target up to the namespace of the credentials, before it looks at their bits.
 */
static __always_inline bool owns_target(const struct seen_check *check, __u32 level)
{
	const struct user_namespace *ns = check->target;
	const struct cred *cred = check->cred;
	int i;

	for (i = 0; i < MAX_USER_NAMESPACES; i++) {
		if (BPF_CORE_READ(ns, level) <= (int)level + 1)
			break;
		ns = BPF_CORE_READ(ns, parent);
	}
	return BPF_CORE_READ(ns, parent) == BPF_CORE_READ(cred, user_ns) &&
	       BPF_CORE_READ(ns, owner.val) == BPF_CORE_READ(cred, euid.val);
}

/*
 * Whether other credentials may be the container's own: bounding sets only shrink, so those from
 * outside, those of a mount or of an opened file, mostly have more in it.
 */
static __always_inline bool is_own_cred(struct task_struct *task, const struct cred *cred,
					const struct cred *real)
{
	struct lineage *lineage = lineage_of_current(task);
	__u64 bounding = lineage ? lineage->bounding : read_caps(&real->cap_bset);

	return !(read_caps(&cred->cap_bset) & ~bounding);
}

static __always_inline __u32 level_of(const struct cred *cred)
{
	struct user_namespace *ns = TASK_READ(cred, user_ns);

	return TASK_READ(ns, level);
}

/*
 * Hides from the compiler which credentials these are: it would read through `checked` where both are
 * equal, and what a return probe kept in a map is no typed pointer to the verifier.
 */
static __always_inline bool same_cred(const struct cred *checked, const struct cred *own)
{
	__u64 address = (__u64)own;

	barrier_var(address);
	return (__u64)checked == address;
}

static __always_inline __u16 task_traits(struct task_struct *task, const struct seen_check *check,
					 __u8 *cred_depth)
{
	const struct cred *real = TASK_READ(task, real_cred);
	const struct cred *effective = TASK_READ(task, cred);
	const struct cred *checked = check->cred;
	__u16 traits = 0;
	__u32 level;

	if (read_caps(&real->cap_effective) >> (check->capability & 63) & 1)
		traits |= CAPMON_HELD;
	if (effective != real)
		traits |= CAPMON_CRED_OVERRIDDEN;
	if (same_cred(checked, effective))
		level = level_of(effective);
	else
		level = BPF_CORE_READ(checked, user_ns, level);
	*cred_depth = level + 1;
	if (check->granted && check->target_level > level && owns_target(check, level))
		traits |= CAPMON_BY_OWNERSHIP;
	if (checked != real) {
		if (checked != effective)
			traits |= CAPMON_CRED_OTHER;
		if (is_own_cred(task, checked, real))
			traits |= CAPMON_CRED_OWN;
	}
	if (TASK_READ(task, flags) & PF_IO_WORKER)
		traits |= CAPMON_IO_WORKER;
	if (in_compat_syscall(task))
		traits |= CAPMON_COMPAT;
	return traits;
}

/*
 * A process of a container that traces a runtime's, which has joined the container's namespaces,
 * decides what that does: then it is the tracer's check. 0 if it is not so.
 */
static __always_inline struct cgroup *cgroup_of_tracer(struct task_struct *task)
{
	struct task_struct *tracer;
	struct cgroup *cgroup;

	if (!TASK_READ(task, ptrace))
		return 0;
	tracer = TASK_READ(task, parent);
	cgroup = cgroup_of_task(tracer);
	return is_marked(owner_of_cgroup(cgroup), CAPMON_PLACE_CONTAINER) ? cgroup : 0;
}

/* `charged`: the cgroup that the check is charged to; null: the owner that the key names. */
static __always_inline void describe(struct capmon_check_key *key, struct task_struct *task,
				     const struct seen_check *check, struct cgroup **charged)
{
	struct cgroup *tracers, *own = cgroup_of_task(task);
	__u64 left = left_container();
	struct file *exe;

	*charged = left ? 0 : own;
	key->cgroup_id = left ? left : id_of(own);
	key->site = check->site;
	key->capability = check->capability;
	key->granted = check->granted;
	key->traits = option_traits(check);
	key->syscall = CAPMON_NO_SYSCALL;
	if (check->quiet)
		return;
	key->traits |= task_traits(task, check, &key->cred_depth);
	key->target_level = check->target_level;
	if (!(key->traits & CAPMON_IO_WORKER))
		key->syscall = syscall_of(task);
	if (!(key->traits & CAPMON_COMPAT))
		key->traits |= operand_traits(task, key->syscall, key->capability);
	exe = executable_of(task);
	if (exe) {
		key->exe = number_of(exe);
		key->exe_origin = origin_of(task, exe);
	}
	if (left)
		return;
	if (key->exe_origin != CAPMON_EXE_HOST && key->exe_origin != CAPMON_EXE_NONE)
		return;
	tracers = cgroup_of_tracer(task);
	if (!tracers)
		return;
	*charged = tracers;
	key->cgroup_id = id_of(tracers);
	key->exe_origin = CAPMON_EXE_OUTSIDE;
}

static __always_inline __u64 owner_charged(const struct capmon_check_key *key, struct cgroup *charged)
{
	return charged ? owner_of_cgroup(charged) : key->cgroup_id;
}

/* Stacks unwound at entry, by thread: before 5.15 unwinding ends in the return probe. */
struct entry_stack {
	__s64 bytes;
	__u64 frames[CAPMON_MAX_FRAMES];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct entry_stack);
} entry_stacks SEC(".maps");

#define RETURNS_UNWIND bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs)

static __always_inline bool unwind_at_entry(void *ctx)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct entry_stack stack = {};

	if (RETURNS_UNWIND)
		return false;
	stack.bytes = bpf_get_stack(ctx, stack.frames, sizeof(stack.frames), 0);
	return bpf_map_update_elem(&entry_stacks, &thread, &stack, BPF_ANY) == 0;
}

static __always_inline __s32 unwind(void *ctx, const struct seen_check *check, __u64 *frames)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct entry_stack *stack;

	if (RETURNS_UNWIND || !check->unwound)
		return bpf_get_stack(ctx, frames, sizeof(stack->frames), 0);
	stack = bpf_map_lookup_elem(&entry_stacks, &thread);
	if (!stack)
		return 0;
	__builtin_memcpy(frames, stack->frames, sizeof(stack->frames));
	return stack->bytes;
}

static __always_inline void tell(void *ctx, const struct seen_check *check,
				 const struct capmon_check_key *key, struct task_struct *task,
				 struct cgroup *charged, bool is_new)
{
	__u64 owner_id = owner_charged(key, charged);
	struct capmon_owner *owner = owner_record(owner_id);
	struct capmon_check_record *record = RESERVE(owner, struct capmon_check_record, true);
	const unsigned char *name = 0;
	struct file *exe;

	if (!record) {
		charge_loss(owner, CAPMON_LOSS_RING_CHECK);
		return;
	}
	fill_header(&record->header, CAPMON_RECORD_CHECK, key->cgroup_id, owner_id);
	record->key = *key;
	record->uid = (__u32)bpf_get_current_uid_gid();
	bpf_get_current_comm(record->comm, sizeof(record->comm));
	exe = executable_of(task);
	if (exe)
		name = BPF_CORE_READ(exe, f_path.dentry, d_name.name);
	if (!name || bpf_probe_read_kernel_str(record->binary, sizeof(record->binary), name) < 0)
		record->binary[0] = 0;
	record->frame_bytes = unwind(ctx, check, record->frames);
	/* A long read may cross the top of the stack: then half of it must do. */
	if (bpf_probe_read_kernel(record->stack, sizeof(record->stack), check->base)) {
		__builtin_memset(record->stack, 0, sizeof(record->stack));
		bpf_probe_read_kernel(record->stack, sizeof(record->stack) / 2, check->base);
	}
	if (check->caller)
		record->stack[0] = check->caller;
	if (is_new)
		submit_new_check(record);
	else
		submit(record);
}

/*
 * Over the quota of its owner a check is still counted, with a shorter key: first
 * without site, program and system call, in the end by capability and answer alone.
 */
static __always_inline void collapse(struct capmon_check_key *key, __u64 owner, bool last_resort)
{
	key->cgroup_id = owner;
	key->site = 0;
	key->exe = 0;
	key->syscall = CAPMON_NO_SYSCALL;
	key->traits = (key->traits & (CAPMON_HELD | CAPMON_CRED_OVERRIDDEN | CAPMON_CRED_OTHER |
				      CAPMON_BY_OWNERSHIP | CAPMON_CRED_OWN)) |
		      CAPMON_COLLAPSED;
	if (!last_resort)
		return;
	key->traits &= CAPMON_HELD | CAPMON_COLLAPSED;
	key->exe_origin = CAPMON_EXE_UNKNOWN;
	key->target_level = 0;
	key->cred_depth = 0;
}

static __always_inline struct capmon_check_counts *make_counter(const struct capmon_check_key *key,
								__u64 id,
								struct capmon_owner *owner,
								bool *is_new)
{
	struct capmon_check_counts zero = { .owner = id };

	*is_new = bpf_map_update_elem(&checks, key, &zero, BPF_NOEXIST) == 0;
	if (*is_new) {
		__sync_fetch_and_add(&keys_used, 1);
		__sync_fetch_and_add(&owner->keys, 1);
		if (key->traits & CAPMON_COLLAPSED)
			__sync_fetch_and_add(&owner->collapsed, 1);
	}
	return bpf_map_lookup_elem(&checks, key); /* there too if another CPU was faster */
}

/* The counter for a key, made on first sight. Null when there is no room left at all. */
static __always_inline struct capmon_check_counts *counter_of(struct capmon_check_key *key,
							      struct cgroup *charged,
							      bool *is_new)
{
	struct capmon_check_counts *counts = bpf_map_lookup_elem(&checks, key);
	struct capmon_owner *owner;
	__u64 id;

	if (counts)
		return counts;
	id = owner_charged(key, charged);
	owner = owner_record(id);
	if (!owner)
		return 0;
	if (!within_quota(owner)) {
		charge_loss(owner, CAPMON_LOSS_KEY_QUOTA);
		collapse(key, id, false);
		counts = bpf_map_lookup_elem(&checks, key);
		if (!counts && owner->collapsed >= CAPMON_COLLAPSED_KEYS) {
			collapse(key, id, true);
			counts = bpf_map_lookup_elem(&checks, key);
		}
		if (counts)
			return counts;
	}
	counts = make_counter(key, id, owner, is_new);
	if (!counts)
		charge_loss(owner, CAPMON_LOSS_MAP_FULL);
	return counts;
}

static __always_inline bool worth_another_look(const struct capmon_check_key *key, __u64 count)
{
	return count >= 4 && (count & (count - 1)) == 0 && key->syscall != CAPMON_NO_SYSCALL;
}

/* capmond may be dead, and another process have its number. */
static __always_inline bool is_capmond(struct task_struct *task)
{
	struct task_struct *leader = TASK_READ(task, group_leader);

	return TASK_READ(leader, start_time) == settings.own_start;
}

/* Of a process that reads files for capmond: its own checks, too. */
static __always_inline bool reads_for_capmond(struct task_struct *task)
{
	struct task_struct *parent;

	if (!settings.reader_tgid)
		return false;
	parent = TASK_READ(task, real_parent);
	if (TASK_READ(task, tgid) == settings.reader_tgid)
		return is_capmond(parent);
	if (TASK_READ(parent, tgid) != settings.reader_tgid)
		return false;
	parent = TASK_READ(parent, real_parent);
	return is_capmond(parent);
}

/* The counter, of this CPU; null if the check is none to count. */
static __always_inline struct capmon_check_counts *count_check(void *ctx, struct seen_check *check,
							       struct capmon_check_key *key)
{
	struct task_struct *task = current_task();
	struct capmon_check_counts *counts;
	struct cgroup *charged;
	bool is_new = false;
	__u32 tgid;

	if (TASK_READ(task, flags) & PF_KTHREAD)
		return 0;
	tgid = TASK_READ(task, tgid);
	if ((tgid == settings.own_tgid && is_capmond(task)) || reads_for_capmond(task))
		return 0;
	describe(key, task, check, &charged);
	if (tgid == settings.probed_tgid && is_capmond(task)) {
		tell(ctx, check, key, task, charged, false);
		return 0;
	}
	counts = counter_of(key, charged, &is_new);
	if (!counts)
		return 0;
	/* Emits the record first: capmond must not read a counter whose record it cannot have seen. */
	if (is_new || worth_another_look(key, counts->count + 1))
		tell(ctx, check, key, task, charged, is_new);
	counts->count++;
	return counts;
}
