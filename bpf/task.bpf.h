/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* Facts about the running task: its cgroup, system call, executable, credentials. */
#pragma once

#include "maps.bpf.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* -1: the v2 hierarchy; else the index of a v1 controller in css_set.subsys. */
const volatile int v1_controller = -1;
/* The hierarchy whose making and removing of cgroups is told; 0 is v2. */
const volatile int hierarchy_id = 0;

/*
 * Since 5.11 the current task can be had as a typed pointer and read like memory, at about a
 * nanosecond a member; before, every read is a helper call. CO-RE settles which at load time and
 * the verifier drops the other branch.
 */
#define TYPED_TASK bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)
#define TASK_READ(pointer, member) \
	(TYPED_TASK ? (pointer)->member : BPF_CORE_READ(pointer, member))

static __always_inline struct task_struct *current_task(void)
{
	if (TYPED_TASK)
		return bpf_get_current_task_btf();
	return (void *)bpf_get_current_task();
}

static __always_inline __u64 read_caps(const kernel_cap_t *caps)
{
	__u64 bits = 0;

	bpf_probe_read_kernel(&bits, sizeof(bits), caps);
	return bits;
}

static __always_inline __u64 cgroup_of(struct task_struct *task)
{
	struct cgroup_subsys_state *css;
	struct css_set *set;

	if (v1_controller < 0)
		return bpf_get_current_cgroup_id();
	set = BPF_CORE_READ(task, cgroups);
	if (bpf_core_read(&css, sizeof(css), &set->subsys[v1_controller & 15]))
		return 0;
	return BPF_CORE_READ(css, cgroup, kn, id);
}

static __always_inline struct pt_regs *user_registers(struct task_struct *task)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (void *)bpf_task_pt_regs(task);
	/* Older x86-64 kernels: a 16 KiB stack with the registers at its top. */
	return (void *)(BPF_CORE_READ(task, stack) + 16384 - bpf_core_type_size(struct pt_regs));
}

static __always_inline __u16 syscall_of(struct task_struct *task)
{
	struct pt_regs *regs = user_registers(task);
	long number;

#if defined(__TARGET_ARCH_x86)
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		number = regs->orig_ax;
	else
		number = BPF_CORE_READ(regs, orig_ax);
#else
	number = BPF_CORE_READ(regs, syscallno);
#endif
	return number < 0 || number >= CAPMON_NO_SYSCALL ? CAPMON_NO_SYSCALL : number;
}

static __always_inline bool in_compat_syscall(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return TASK_READ(task, thread_info.status) & TS_COMPAT;
#else
	return false;
#endif
}

static __always_inline struct file *executable_of(struct task_struct *task)
{
	struct mm_struct *mm = TASK_READ(task, mm);

	return mm ? TASK_READ(mm, exe_file) : 0;
}

/*
 * A runtime's set-up stages run the runtime's own binary: mounted in the host's namespace, or in
 * none (a sealed copy in memory). The workload's binary is mounted in the container's namespace.
 */
static __always_inline __u8 origin_of(struct task_struct *task, struct file *exe)
{
	struct vfsmount *vfsmount = TASK_READ(exe, f_path.mnt);
	struct mnt_namespace *owner = 0, *own;
	struct nsproxy *nsproxy;
	struct mount *mount;

	if (!vfsmount)
		return CAPMON_EXE_UNKNOWN;
	mount = (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
	if (bpf_core_read(&owner, sizeof(owner), &mount->mnt_ns))
		return CAPMON_EXE_UNKNOWN;
	if (!owner)
		return CAPMON_EXE_NONE;
	if ((__u64)owner == settings.host_mnt_ns)
		return CAPMON_EXE_HOST;
	nsproxy = TASK_READ(task, nsproxy);
	own = nsproxy ? TASK_READ(nsproxy, mnt_ns) : 0;
	return owner == own ? CAPMON_EXE_OWN : CAPMON_EXE_ELSEWHERE;
}

static __always_inline __u32 number_of(struct file *exe)
{
	struct inode *inode = TASK_READ(exe, f_inode);

	return inode ? TASK_READ(inode, i_ino) : 0;
}

static __always_inline void fill_header(struct capmon_record_header *header, __u32 kind,
					__u64 cgroup_id)
{
	__u64 id = bpf_get_current_pid_tgid();

	header->kind = kind;
	header->unused = 0;
	header->time_ns = bpf_ktime_get_ns();
	header->cgroup_id = cgroup_id;
	header->pid = id >> 32;
	header->tid = (__u32)id;
}
