// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/*
 * The kernel side of capmon. One of three hooks sees every capability check; capmond probes which
 * one this kernel offers and loads only that. See capmon_events.h for what comes out.
 */
#include "outcome.bpf.h"
#include "lifecycle.bpf.h"
#include "end_of_call.bpf.h"
#include "moves.bpf.h"
#include "use.bpf.h"

char LICENSE[] SEC("license") = "GPL";

static __always_inline int on_located_check(void *ctx, struct seen_check *check)
{
	struct capmon_check_key key = {};

	if (count_check(ctx, check, &key))
		await_outcome(&key);
	return 0;
}

static __always_inline int on_check(void *ctx, struct seen_check *check)
{
	locate(check);
	return on_located_check(ctx, check);
}

/* The same since 6.18. */
static __always_inline int on_check_with_end(void *ctx, struct seen_check *check)
{
	struct capmon_check_counts *counts;
	struct capmon_check_key key = {};

	locate(check);
	counts = count_check(ctx, check, &key);
	if (counts)
		await_end_of(check, &key, counts);
	return 0;
}

/* Back end 1: the function's exit, with arguments and result. */
#define SEEN_BY_FEXIT                                                                      \
	{                                                                                  \
		.base = ctx, .cred = cred, .target = target, .target_level = target->level, \
		.capability = cap, .options_known = true, .options = options,              \
		.granted = ret == 0,                                                       \
	}

SEC("?fexit/cap_capable")
int BPF_PROG(on_cap_capable_exit, const struct cred *cred, struct user_namespace *target, int cap,
	     unsigned int options, int ret)
{
	struct seen_check check = SEEN_BY_FEXIT;

	return on_check(ctx, &check);
}

SEC("?fexit/cap_capable")
int BPF_PROG(on_cap_capable_exit_with_end, const struct cred *cred, struct user_namespace *target,
	     int cap, unsigned int options, int ret)
{
	struct seen_check check = SEEN_BY_FEXIT;

	return on_check_with_end(ctx, &check);
}

/* Back end 2: the kernel's own tracepoint, since 6.14; it leaves the options out. */
#define SEEN_BY_TRACEPOINT                                                                 \
	{                                                                                  \
		.base = ctx, .cred = cred, .target = target, .target_level = target->level, \
		.capability = cap, .granted = ret == 0,                                    \
	}

SEC("?tp_btf/cap_capable")
int BPF_PROG(on_cap_capable, const struct cred *cred, struct user_namespace *target,
	     const struct user_namespace *granting, int cap, int ret)
{
	struct seen_check check = SEEN_BY_TRACEPOINT;

	return on_check(ctx, &check);
}

SEC("?tp_btf/cap_capable")
int BPF_PROG(on_cap_capable_with_end, const struct cred *cred, struct user_namespace *target,
	     const struct user_namespace *granting, int cap, int ret)
{
	struct seen_check check = SEEN_BY_TRACEPOINT;

	return on_check_with_end(ctx, &check);
}

/*
 * Back end 3: entry and return apart; what entry saw waits in a map, by thread. The call site is found at
 * entry: then the probe of the return has not yet put itself in the caller's place, for the entry's
 * is attached last and runs first.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct seen_check);
} in_flight SEC(".maps");

SEC("?kprobe/cap_capable")
int BPF_KPROBE(on_cap_capable_entry, const struct cred *cred, struct user_namespace *target, int cap,
	       unsigned int options)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct seen_check check = {
		.base = (void *)PT_REGS_SP(ctx),
		.cred = cred,
		.target = target,
		.target_level = BPF_CORE_READ(target, level),
		.capability = cap,
		.options_known = true,
		.options = options,
	};

#if defined(__TARGET_ARCH_x86)
	check.caller = read_word(check.base);
#else
	check.caller = CAPMON_RETURN_ADDRESS(PT_REGS_RET(ctx)); /* in a register */
#endif
	locate(&check);
	check.unwound = unwind_at_entry(ctx);
	if (bpf_map_update_elem(&in_flight, &thread, &check, BPF_ANY))
		charge_task(current_task(), CAPMON_LOSS_IN_FLIGHT);
	return 0;
}

SEC("?kretprobe/cap_capable")
int BPF_KRETPROBE(on_cap_capable_return, int ret)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct seen_check *waiting = bpf_map_lookup_elem(&in_flight, &thread);
	struct seen_check check;

	if (!waiting)
		return 0;
	check = *waiting;
	bpf_map_delete_elem(&in_flight, &thread);
	check.granted = ret == 0;
	return on_located_check(ctx, &check);
}

SEC("?tp_btf/cgroup_mkdir")
int BPF_PROG(on_cgroup_mkdir, struct cgroup *cgroup, const char *path)
{
	return tell_cgroup(cgroup, path, CAPMON_RECORD_CGROUP_MADE);
}

SEC("?tp_btf/cgroup_rmdir")
int BPF_PROG(on_cgroup_rmdir, struct cgroup *cgroup, const char *path)
{
	return tell_cgroup(cgroup, path, CAPMON_RECORD_CGROUP_REMOVED);
}

SEC("?tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	return tell_exec(bprm);
}

/* Threads, too. */
SEC("?tp_btf/task_newtask")
int BPF_PROG(on_new_task, struct task_struct *task, unsigned long flags)
{
	hand_lineage_on(task);
	notice_birth(task);
	return 0;
}

SEC("?tp_btf/cgroup_attach_task")
int BPF_PROG(on_attach_task, struct cgroup *destination, const char *path, struct task_struct *task)
{
	if (destination->root->hierarchy_id == hierarchy_id)
		notice_move(task, destination);
	return 0;
}

/* Before the new credentials take effect; since 6.12. */
SEC("?tp_btf/sched_prepare_exec")
int BPF_PROG(on_prepare_exec, struct task_struct *task, struct linux_binprm *bprm)
{
	note_lineage();
	remember_task(executable_of(bpf_get_current_task_btf()));
	return 0;
}

/* Older kernels: the credentials are still the old ones, the executable is the new one. */
SEC("?fentry/security_bprm_committing_creds")
int BPF_PROG(on_committing_creds, const struct linux_binprm *bprm)
{
	remember_task(0);
	return 0;
}

/* What the kernel reads of a file at every exec; until 5.11 without the first argument. */
SEC("?fexit/get_vfs_caps_from_disk")
int BPF_PROG(on_file_capabilities, const void *mapping, const struct dentry *dentry,
	     struct cpu_vfs_cap_data *data, int ret)
{
	remember_file(data, ret);
	return 0;
}

SEC("?fexit/get_vfs_caps_from_disk")
int BPF_PROG(on_file_capabilities_old, const struct dentry *dentry, struct cpu_vfs_cap_data *data,
	     int ret)
{
	remember_file(data, ret);
	return 0;
}

/* Only for a while: on every system call of the host. */
SEC("?tp_btf/sys_exit")
int BPF_PROG(on_sys_exit, struct pt_regs *regs, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();

	result = whole_result(result, in_compat_syscall(task));
	if (!ends_awaited)
		settle_watched(task, result);
	notice_call(task, result);
	return 0;
}

/* Likewise; since 6.3. */
SEC("?tp_btf/sk_data_ready")
int BPF_PROG(on_data_ready, struct sock *socket)
{
	notice_answer(socket);
	return 0;
}

/* Only while a container is idle since its start. In the context of the task that reads. */
SEC("?tp_btf/tcp_rcv_space_adjust")
int BPF_PROG(on_tcp_read, struct sock *socket)
{
	notice_use();
	return 0;
}

/*
 * Not attached anywhere: run once on request, in capmond's own context. Finds what capmond cannot
 * see from inside a container: its process id, the mount namespace of the very first task, and
 * where on a kernel stack the system call's registers are.
 */
struct {
	__u64 host_mnt_ns;
	__u64 stack;     /* of capmond's own kernel stack: its lowest address, */
	__u64 registers; /* and where the system call's registers are on it; 0: not known */
	__u64 cgroup_id;
	__u64 start;     /* when capmond started */
	__u32 tgid;
	__u32 exe;       /* the number of its executable */
} identity = {};

SEC("?raw_tp/sys_enter")
int identify(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct file *exe = executable_of(current_task());
	int i;

	identity.exe = exe ? number_of(exe) : 0;
	identity.tgid = bpf_get_current_pid_tgid() >> 32;
	/* Not the way checks find it, where there is another: it is what they are held against. */
	identity.cgroup_id =
		v1_controller < 0 ? bpf_get_current_cgroup_id() : cgroup_of(current_task());
	identity.start = BPF_CORE_READ(task, group_leader, start_time);
	identity.stack = (__u64)BPF_CORE_READ(task, stack);
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		identity.registers = (__u64)bpf_task_pt_regs(bpf_get_current_task_btf());
	for (i = 0; i < 64 && BPF_CORE_READ(task, pid) != 0; i++)
		task = BPF_CORE_READ(task, real_parent);
	identity.host_mnt_ns = (__u64)BPF_CORE_READ(task, nsproxy, mnt_ns);
	return 0;
}

/* Likewise: frees the counter whose key is the first four words, and takes it off its owner's
 * number, the fifth. In the kernel, for both must stay equal whatever becomes of capmond. */
SEC("?raw_tp/sys_enter")
int free_key(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 words[] = { ctx->args[0], ctx->args[1], ctx->args[2], ctx->args[3] };
	const struct capmon_check_key *key = (const void *)words;
	__u64 id = ctx->args[4];
	__u64 shared = 0;
	struct capmon_owner *owner;

	if (bpf_map_delete_elem(&checks, words))
		return 0;
	__sync_fetch_and_add(&keys_used, -1);
	owner = bpf_map_lookup_elem(&owners, &id);
	if (!owner)
		owner = bpf_map_lookup_elem(&owners, &shared);
	if (!owner || !owner->keys)
		return 0;
	__sync_fetch_and_add(&owner->keys, -1);
	if (key->traits & CAPMON_COLLAPSED && owner->collapsed)
		__sync_fetch_and_add(&owner->collapsed, -1);
	return 0;
}

/* Likewise: the name of a kernel address, without the right to read kallsyms. Since 5.13. */
char symbol[128] = {};

SEC("?raw_tp/sys_enter")
int symbolize(struct bpf_raw_tracepoint_args *ctx)
{
	static const char format[] = "%pB";
	__u64 address[] = { ctx->args[0] };

	bpf_snprintf(symbol, sizeof(symbol), format, address, sizeof(address));
	return 0;
}
