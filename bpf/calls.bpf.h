/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * System calls that show needs which no capability check shows: sets changed or refused, execs refused,
 * and calls that the container's seccomp filter may let through only with a capability. Seen at
 * their end, while capmond learns.
 */
#pragma once

#include "compat.bpf.h"
#include "owner.bpf.h"

/* By table (0: native, 1: 32-bit) and number; see CAPMON_WATCH_NUMBER. 0: nothing is reported. */
__u8 watched_calls[2][CAPMON_WATCHED_CALLS] = {};

/* Whether the program a task runs has looked at its sets with capget(2). */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} looked SEC(".maps");

static __always_inline void note_look(struct task_struct *task, bool has_looked)
{
	__u32 *note = bpf_task_storage_get(&looked, task, 0,
					   has_looked ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);

	if (note)
		*note = has_looked;
}

/*
 * Of a record that was just reserved. Before 6.7 the verifier does not know that a record checked once
 * is there, so reserving, checking and submitting are in one function.
 */
static __always_inline void begin_capset(struct capmon_capset_record *record,
					 struct task_struct *task, struct charged charged,
					 bool raises)
{
	const struct cred *cred = TASK_READ(task, real_cred);
	struct user_namespace *user_ns = TASK_READ(cred, user_ns);
	struct file *exe = executable_of(task);

	__builtin_memset((void *)record + sizeof(record->header), 0,
			 sizeof(*record) - sizeof(record->header));
	fill_header(&record->header, CAPMON_RECORD_CAPSET, charged.cgroup_id,
		    charged.owner_id);
	record->raises = raises;
	record->userns_level = TASK_READ(user_ns, level);
	record->exe_origin = exe ? origin_of(task, exe) : CAPMON_EXE_UNKNOWN;
	bpf_get_current_comm(record->comm, sizeof(record->comm));
}

/* One change of the sets is like another of the same program with the same end, for a second. */
struct sets_told {
	__u64 cgroup_id;
	__u64 permitted;
	__u64 effective;
	__u64 inheritable;
	__u64 ambient;
	__u32 exe;
	__u16 looked;
	__u16 raises;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct sets_told);
	__type(value, __u64); /* when */
} sets_told SEC(".maps");

#define SETS_AGAIN_NS 1000000000ULL

static __always_inline void tell_sets(struct task_struct *task, bool raises)
{
	const struct cred *cred = TASK_READ(task, real_cred);
	__u32 *note = bpf_task_storage_get(&looked, task, 0, 0);
	struct file *exe = executable_of(task);
	struct charged charged = charged_for(task);
	struct sets_told told = {
		.cgroup_id = charged.cgroup_id,
		.permitted = read_caps(&cred->cap_permitted),
		.effective = read_caps(&cred->cap_effective),
		.inheritable = read_caps(&cred->cap_inheritable),
		.ambient = read_caps(&cred->cap_ambient),
		.exe = exe ? number_of(exe) : 0,
		.looked = note && *note,
		.raises = raises,
	};
	__u64 *when = bpf_map_lookup_elem(&sets_told, &told), now = bpf_ktime_get_ns();
	struct capmon_capset_record *record;
	struct capmon_owner *owner;

	if (when && now - *when < SETS_AGAIN_NS)
		return;
	owner = owner_record(charged.owner_id);
	record = RESERVE(owner, struct capmon_capset_record, false);
	if (!record) {
		charge_loss(owner, CAPMON_LOSS_RING_CAPSET);
		return;
	}
	begin_capset(record, task, charged, raises);
	record->permitted = told.permitted;
	record->effective = told.effective;
	record->inheritable = told.inheritable;
	record->ambient = told.ambient;
	record->looked = told.looked;
	submit(record);
	bpf_map_update_elem(&sets_told, &told, &now, BPF_ANY);
}

/* As capset(2) takes them: two words of each set, interleaved. */
struct asked_sets {
	struct {
		__u32 effective;
		__u32 permitted;
		__u32 inheritable;
	} word[2];
};

static __always_inline void tell_refused_sets(struct task_struct *task,
					      const struct call_arguments *arguments, bool raises)
{
	struct charged charged = charged_for(task);
	struct capmon_owner *owner = owner_record(charged.owner_id);
	struct capmon_capset_record *record = RESERVE(owner, struct capmon_capset_record, false);
	const struct cred *cred = TASK_READ(task, real_cred);
	struct asked_sets asked = {};

	if (!record) {
		charge_loss(owner, CAPMON_LOSS_RING_CAPSET);
		return;
	}
	begin_capset(record, task, charged, raises);
	record->refused = 1;
	record->had = read_caps(&cred->cap_permitted);
	if (raises) {
		record->ambient = 1ULL << (arguments->third & 63);
		record->had &= read_caps(&cred->cap_inheritable);
	} else {
		record->had |= read_caps(&cred->cap_inheritable);
		bpf_probe_read_user(&asked, sizeof(asked), (void *)arguments->second);
		record->permitted = asked.word[0].permitted | (__u64)asked.word[1].permitted << 32;
		record->effective = asked.word[0].effective | (__u64)asked.word[1].effective << 32;
		record->inheritable =
			asked.word[0].inheritable | (__u64)asked.word[1].inheritable << 32;
	}
	submit(record);
}

static __always_inline void tell_refused_exec(struct task_struct *task, const void *path)
{
	struct charged charged = charged_for(task);
	struct capmon_owner *owner = owner_record(charged.owner_id);
	struct capmon_exec_refused_record *record =
		RESERVE(owner, struct capmon_exec_refused_record, false);
	const struct cred *cred = TASK_READ(task, real_cred);

	if (!record) {
		charge_loss(owner, CAPMON_LOSS_RING_EXEC);
		return;
	}
	__builtin_memset((void *)record + sizeof(record->header), 0,
			 sizeof(*record) - sizeof(record->header));
	fill_header(&record->header, CAPMON_RECORD_EXEC_REFUSED, charged.cgroup_id,
		    charged.owner_id);
	record->bounding = read_caps(&cred->cap_bset);
	record->uid = TASK_READ(cred, uid.val);
	bpf_get_current_comm(record->comm, sizeof(record->comm));
	if (bpf_probe_read_user_str(record->path, sizeof(record->path), path) < 0)
		record->path[0] = 0;
	submit_at_once(record);
}

static __always_inline void notice_sets(struct task_struct *task, __u16 syscall, bool compat,
					long result)
{
	struct call_arguments arguments;
	__u16 call = sets_call(syscall, compat);
	bool raises;

	if (result != 0 && result != -EPERM)
		return;
	if (call != CAPGET && call != CAPSET && call != PRCTL && call != EXECVE && call != EXECVEAT)
		return;
	arguments = arguments_at_exit(user_registers(task), compat);
	if (call == CAPGET && result == 0 && arguments.second)
		note_look(task, true);
	if ((call == EXECVE || call == EXECVEAT) && result == 0)
		note_look(task, false);
	if (call == EXECVE && result)
		tell_refused_exec(task, (void *)arguments.first);
	if (call == EXECVEAT && result)
		tell_refused_exec(task, (void *)arguments.second);
	raises = call == PRCTL && (__u32)arguments.first == PR_CAP_AMBIENT &&
		 arguments.second == PR_CAP_AMBIENT_RAISE;
	if (call != CAPSET && !raises)
		return;
	if (result == 0)
		tell_sets(task, raises);
	else
		tell_refused_sets(task, &arguments, raises);
}

/* The calls of a cgroup that were reported, a bit each. An evicted entry is only reported again. */
struct calls_told {
	__u64 passed;
	__u64 refused;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct calls_told);
} calls_told SEC(".maps");

static __always_inline bool makes_namespaces(__u8 watched, const struct pt_regs *registers,
					     bool compat)
{
	__u64 flags = arguments_at_exit(registers, compat).first;

	if (watched & CAPMON_WATCH_CLONE_ARGS) {
		if (bpf_probe_read_user(&flags, sizeof(flags), (void *)flags))
			return false;
		return flags & (CLONE_NEW_ANY | CLONE_NEWTIME);
	}
	return flags & CLONE_NEW_ANY;
}

static __always_inline void tell_call(struct task_struct *task, __u16 syscall, bool compat,
				      __u8 number, bool refused)
{
	struct charged charged = charged_for(task);
	__u64 cgroup_id = charged.cgroup_id, bit = 1ULL << (number & CAPMON_WATCH_NUMBER);
	struct calls_told *told = bpf_map_lookup_elem(&calls_told, &cgroup_id);
	struct capmon_call_record *record;
	struct calls_told none = {};
	struct capmon_owner *owner;

	if (told && (refused ? told->refused : told->passed) & bit)
		return;
	owner = owner_record(charged.owner_id);
	record = RESERVE(owner, struct capmon_call_record, false);
	if (!record) {
		charge_loss(owner, CAPMON_LOSS_RING_CALL);
		return;
	}
	fill_header(&record->header, CAPMON_RECORD_CALL, cgroup_id, charged.owner_id);
	record->syscall = syscall;
	record->compat = compat;
	record->refused = refused;
	record->uid = (__u32)bpf_get_current_uid_gid();
	bpf_get_current_comm(record->comm, sizeof(record->comm));
	submit(record);
	if (!told) {
		bpf_map_update_elem(&calls_told, &cgroup_id, &none, BPF_NOEXIST);
		told = bpf_map_lookup_elem(&calls_told, &cgroup_id);
	}
	/* Not atomic: arm64 before 5.18 has no such program, and a bit that is lost is only reported again. */
	if (told)
		*(refused ? &told->refused : &told->passed) |= bit;
}

static __always_inline bool seen_elsewhere(__u16 call)
{
	return ends_awaited && (call == CAPSET || call == EXECVE || call == EXECVEAT);
}

/* The runtime prepares a container without a filter: what it does itself never counts. */
static __always_inline void notice_call(struct task_struct *task, long result)
{
	bool compat = in_compat_syscall(task);
	__u16 syscall = syscall_of(task);
	__u8 watched;

	if (!seen_elsewhere(sets_call(syscall, compat)))
		notice_sets(task, syscall, compat, result);
	if (syscall >= CAPMON_WATCHED_CALLS)
		return;
	watched = watched_calls[compat][syscall & (CAPMON_WATCHED_CALLS - 1)];
	if (!watched || TASK_READ(task, seccomp.mode) != SECCOMP_MODE_FILTER)
		return;
	if (watched & (CAPMON_WATCH_NAMESPACES | CAPMON_WATCH_CLONE_ARGS) &&
	    !makes_namespaces(watched, user_registers(task), compat))
		return;
	tell_call(task, syscall, compat, (watched & CAPMON_WATCH_NUMBER) - 1,
		  result == -EPERM || result == -ENOSYS);
}
