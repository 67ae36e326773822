/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* Facts about the running task: its cgroup, system call, executable, credentials. */
#pragma once

#include "maps.bpf.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* -1: the v2 hierarchy; else the index of a v1 controller in css_set.subsys. */
const volatile int v1_controller = -1;
/* The hierarchy whose created and removed cgroups are reported; 0 is v2. */
const volatile int hierarchy_id = 0;

/*
 * Since 5.11 the current task can be had as a typed pointer and read like memory, at about a
 * nanosecond a member; before, every read is a helper call. CO-RE settles which at load time and
 * the verifier drops the other branch.
 */
#define TYPED_TASK bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)
#define TASK_READ(pointer, member) \
	(TYPED_TASK ? (pointer)->member : BPF_CORE_READ(pointer, member))

/*
 * The kernel's own functions that the programs may call. Each kernel gets an object that declares only
 * those it has: without CAP_SYS_ADMIN libbpf cannot look for others in modules, and loads nothing.
 */
#ifndef KERNEL_CALLS
#define KERNEL_CALLS 0
#endif
#define KERNEL_CALLS_6_2 1
#define KERNEL_CALLS_6_18 2
#define KERNEL_CALLS_7_0 3

/*
 * Since 6.2 any address can be read as if it were a typed pointer, without a helper call: a bad
 * address reads as zero.
 */
extern void *bpf_rdonly_cast(const void *object, __u32 type_id) __ksym __weak;

/* Asked where it is certain, too: else the compiler makes one read of reads the verifier tells apart. */
#define READS_ANYTHING (KERNEL_CALLS >= KERNEL_CALLS_6_2 && bpf_rdonly_cast != 0)
#define AS(type, address) \
	((type *)bpf_rdonly_cast((void *)(address), bpf_core_type_id_kernel(type)))

/* A member at the beginning of a structure that the kernel has: any word can be read as it. */
#if defined(__TARGET_ARCH_x86)
#define FIRST_WORD r15
#else
#define FIRST_WORD regs[0]
#endif

static __always_inline __u64 read_word(const void *address)
{
	__u64 word = 0;

	if (READS_ANYTHING)
		return AS(struct pt_regs, address)->FIRST_WORD;
	bpf_probe_read_kernel(&word, sizeof(word), address);
	return word;
}

static __always_inline struct task_struct *current_task(void)
{
	if (TYPED_TASK)
		return bpf_get_current_task_btf();
	return (void *)bpf_get_current_task();
}

static __always_inline __u64 read_caps(const kernel_cap_t *caps)
{
	return read_word(caps);
}

/* The cgroup in the hierarchy in use: the v2 one, or that of a v1 controller. */
static __always_inline struct cgroup *cgroup_of_task(struct task_struct *task)
{
	struct css_set *set = TASK_READ(task, cgroups);
	struct cgroup_subsys_state *css;

	if (v1_controller < 0)
		return TASK_READ(set, dfl_cgrp);
	if (TYPED_TASK)
		css = set->subsys[v1_controller & 15];
	else if (bpf_core_read(&css, sizeof(css), &set->subsys[v1_controller & 15]))
		return 0;
	return TASK_READ(css, cgroup);
}

static __always_inline __u64 id_of(struct cgroup *cgroup)
{
	struct kernfs_node *node = TASK_READ(cgroup, kn);

	return TASK_READ(node, id);
}

static __always_inline __u64 cgroup_of(struct task_struct *task)
{
	return id_of(cgroup_of_task(task));
}

/*
 * The registers saved at system call entry sit at the same place of every task's stack. The
 * identifying program finds the place once: the helper for it costs half as much as all the rest.
 */
static __always_inline const void *user_registers(struct task_struct *task)
{
	return TASK_READ(task, stack) + settings.registers_offset;
}

static __always_inline __u16 syscall_of(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	const struct pt_regs *registers = user_registers(task);
	long number = (long)read_word(&registers->orig_ax) & ~X32_SYSCALL_BIT;
#else
	const struct pt_regs *registers = user_registers(task);
	long number = (__s32)read_word(&registers->syscallno);
#endif
	return number < 0 || number >= CAPMON_NO_SYSCALL ? CAPMON_NO_SYSCALL : number;
}

static __always_inline bool in_compat_syscall(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return TASK_READ(task, thread_info.status) & TS_COMPAT;
#else
	const struct pt_regs *registers = user_registers(task);

	return read_word(&registers->pstate) & PSR_MODE32_BIT;
#endif
}

static __always_inline struct file *executable_of(struct task_struct *task)
{
	struct mm_struct *mm = TASK_READ(task, mm);

	return mm ? TASK_READ(mm, exe_file) : 0;
}

/* A mount of the kernel's own, such as that of memfds, is marked with an error number instead. */
#define NO_NAMESPACE ((__u64)-4095)

/* The number of a mount namespace that holds one detached mount; since 6.18 it is not 0. */
#define ANONYMOUS_NAMESPACE 0xEFFFFFF7u

/*
 * A runtime's set-up stages run the runtime's own binary: mounted in the host's namespace, or in
 * none (a sealed copy in memory). The workload's binary is mounted in the container's namespace,
 * but may leave it later: origin_of() looks at that.
 */
static __always_inline __u8 mounted_in(struct task_struct *task, struct file *exe)
{
	struct vfsmount *vfsmount = TASK_READ(exe, f_path.mnt);
	struct mnt_namespace *owner = 0, *own;
	struct nsproxy *nsproxy;
	struct mount *mount;
	__u32 number;

	if (!vfsmount)
		return CAPMON_EXE_UNKNOWN;
	mount = (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
	owner = READS_ANYTHING ? AS(struct mount, mount)->mnt_ns : BPF_CORE_READ(mount, mnt_ns);
	if (!owner || (__u64)owner >= NO_NAMESPACE)
		return CAPMON_EXE_NONE;
	if ((__u64)owner == settings.host_mnt_ns)
		return CAPMON_EXE_HOST;
	nsproxy = TASK_READ(task, nsproxy);
	own = nsproxy ? TASK_READ(nsproxy, mnt_ns) : 0;
	if (owner == own)
		return CAPMON_EXE_OWN;
	number = BPF_CORE_READ(owner, ns.inum);
	return number && number != ANONYMOUS_NAMESPACE ? CAPMON_EXE_ELSEWHERE : CAPMON_EXE_NONE;
}

static __always_inline __u64 mixed(__u64 word)
{
	return (word ^ word >> 31) * 0x9e3779b97f4a7c15ULL;
}

/*
 * Inode numbers alone can be chosen: those of a tmpfs count up. Two files with the same are of different
 * file systems, or one was made after the other was gone. Never 0.
 */
static __always_inline __u32 number_of(struct file *exe)
{
	struct inode *inode = TASK_READ(exe, f_inode);
	struct super_block *file_system;
	__u64 number;

	if (!inode)
		return 0;
	file_system = TASK_READ(inode, i_sb);
	number = mixed(TASK_READ(inode, i_ino) ^ settings.exe_salt);
	number += (__u64)TASK_READ(file_system, s_dev) << 32 | TASK_READ(inode, i_generation);
	number = mixed(mixed(number)) >> 32;
	return number ? number : 1;
}

static __always_inline void fill_header(struct capmon_record_header *header, __u32 kind,
					__u64 cgroup_id, __u64 owner)
{
	__u64 id = bpf_get_current_pid_tgid();

	header->kind = kind;
	header->unused = 0;
	header->time_ns = bpf_ktime_get_ns();
	header->cgroup_id = cgroup_id;
	header->owner = owner;
	header->pid = id >> 32;
	header->tid = (__u32)id;
}
