/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * The kernel structures capmon reads, and of each only the members it reads. CO-RE moves every
 * access to where the running kernel has the member; so this file is also the list of what capmon
 * depends on. No generated vmlinux.h: the build needs no kernel.
 */
#pragma once

#define CAPMON_BPF_SIDE
#define __VMLINUX_H__ /* makes bpf_tracing.h use the kernel's own register names */

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;
enum { false, true };

/* From the kernel's user-space ABI: fixed forever. */
enum { BPF_ANY = 0, BPF_NOEXIST = 1 };
enum {
	BPF_MAP_TYPE_PERCPU_HASH = 5,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
};
enum { BPF_F_NO_PREALLOC = 1 };
enum { BPF_LOCAL_STORAGE_GET_F_CREATE = 1 };
enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2, BPF_RB_AVAIL_DATA = 0 };

/* Which helpers the running kernel has; only asked for existence. */
enum bpf_func_id {
	BPF_FUNC_task_storage_get = 156,
	BPF_FUNC_get_current_task_btf = 158,
	BPF_FUNC_snprintf = 165,
	BPF_FUNC_task_pt_regs = 175,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs,
		flags, sp, ss;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	__u64 regs[31], sp, pc, pstate;
};
struct pt_regs {
	__u64 regs[31], sp, pc, pstate;
	__u64 orig_x0;
	__s32 syscallno;
};
#endif

struct thread_info {
	__u32 status; /* not on arm64 */
};

struct ns_common {
	__u32 inum;
};
typedef struct {
	__u32 val;
} kuid_t;
typedef struct {
	__u32 val;
} kgid_t;

struct user_namespace {
	struct user_namespace *parent;
	int level;
	kuid_t owner;
};
struct mnt_namespace {
	struct ns_common ns;
};
struct ping_group_range {
	struct {
		__u32 val;
	} range[2];
};
struct netns_ipv4 {
	struct ping_group_range ping_group_range;
	int sysctl_ip_prot_sock;
};
struct net {
	struct netns_ipv4 ipv4;
};
struct nsproxy {
	struct mnt_namespace *mnt_ns;
	struct net *net_ns;
};

typedef struct {
	__u64 val; /* two 32-bit words before 6.3: read as one on little-endian machines */
} kernel_cap_t;

struct cred {
	kuid_t uid;
	kgid_t gid;
	kuid_t suid;
	kgid_t sgid;
	kuid_t euid;
	kernel_cap_t cap_inheritable;
	kernel_cap_t cap_permitted;
	kernel_cap_t cap_effective;
	kernel_cap_t cap_bset;
	kernel_cap_t cap_ambient;
	struct user_namespace *user_ns;
};

struct qstr {
	const unsigned char *name;
};
struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
};
struct vfsmount {
	int mnt_flags;
};
struct mount {
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
};
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};
struct super_block {
	__u32 s_dev;
};
struct inode {
	__u16 i_mode;
	struct super_block *i_sb;
	unsigned long i_ino;
	__u32 i_generation;
};
struct file {
	struct path f_path;
	struct inode *f_inode;
};
struct mm_struct {
	struct file *exe_file;
	unsigned long arg_start, arg_end;
};

struct kernfs_node {
	__u64 id;
};
struct cgroup_root {
	int hierarchy_id;
};
struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};
struct cgroup {
	struct cgroup_subsys_state self;
	int level;
	struct kernfs_node *kn;
	struct cgroup_root *root;
	struct cgroup *ancestors[1]; /* by level, itself last; since 6.1 */
};
struct cgroup___before_6_1 {
	__u64 ancestor_ids[1];
};
struct css_set {
	struct cgroup_subsys_state *subsys[16];
	struct cgroup *dfl_cgrp;
};
enum cgroup_subsys_id { memory_cgrp_id = 4, pids_cgrp_id = 11 };

struct seccomp {
	int mode;
};

struct task_struct {
	struct thread_info thread_info;
	void *stack;
	__u32 flags;
	int pid;
	int tgid;
	struct task_struct *group_leader;
	__u64 start_time;
	struct mm_struct *mm;
	const struct cred *real_cred;
	const struct cred *cred;
	struct nsproxy *nsproxy;
	struct css_set *cgroups;
	unsigned int ptrace;
	struct task_struct *real_parent;
	struct task_struct *parent; /* the tracer of one that is traced */
	unsigned long atomic_flags;
	struct seccomp seccomp;
	void *bpf_storage; /* 0: no program keeps anything by this task */
};

struct linux_binprm {
	struct file *file;
	struct cred *cred;
	const char *filename;
	unsigned int secureexec : 1;
};

struct cpu_vfs_cap_data {
	__u32 magic_etc;
	kernel_cap_t permitted;
	kernel_cap_t inheritable;
};

struct sk_buff {
	unsigned char *data;
	char cb[48];
};
struct netlink_skb_parms { /* what cb holds of a netlink message */
	__u32 portid;
};
struct sk_buff_head {
	struct sk_buff *next;
	struct sk_buff *prev;
};
struct sock_common {
	unsigned short skc_family;
};
struct sock {
	struct sock_common __sk_common;
	__u16 sk_protocol;
	struct sk_buff_head sk_receive_queue;
};

struct bpf_map {
	__u32 id;
};

struct bpf_raw_tracepoint_args {
	__u64 args[0];
};

#pragma clang attribute pop

/* linux/sched.h */
#define PF_EXITING 0x00000004
#define PF_IO_WORKER 0x00000010
#define PF_KTHREAD 0x00200000
#define PFA_NO_NEW_PRIVS_BIT 1UL
#define SECCOMP_MODE_FILTER 2
/* linux/capability.h */
#define VFS_CAP_FLAGS_EFFECTIVE 1
#define ENODATA 61
#define EPERM 1
#define ENOSYS 38
/* linux/prctl.h */
#define PR_CAP_AMBIENT 47
#define PR_CAP_AMBIENT_RAISE 2
/* linux/sched.h: a new namespace of any kind, for clone(2), and the one only clone3(2) can ask for */
#define CLONE_NEW_ANY 0x7e020000ULL
#define CLONE_NEWTIME 0x80ULL
/* linux/stat.h */
#define S_ISUID 04000
#define S_ISGID 02000
#define S_IXGRP 00010
/* linux/socket.h, linux/netlink.h, linux/rtnetlink.h */
#define AF_NETLINK 16
#define NETLINK_ROUTE 0
#define NLMSG_ERROR 2
#define RTM_NEWLINK 16
/* asm/thread_info.h: x86, the task is in a 32-bit system call */
#define TS_COMPAT 0x0002
/* asm/ptrace.h: arm64, the processor runs 32-bit code */
#define PSR_MODE32_BIT 0x10
/* asm/unistd.h: marks the number of a system call of the x32 ABI; its table is the 64-bit one */
#define X32_SYSCALL_BIT 0x40000000L
