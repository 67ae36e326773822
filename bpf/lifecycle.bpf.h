/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* Cgroups made and removed, programs executed, capabilities changed: reported through the ring. */
#pragma once

#include "exec_location.bpf.h"
#include "lineage.bpf.h"
#include "owner.bpf.h"

/* A new container's name is best asked for at once; nothing else here is in a hurry. */
static __always_inline void submit_cgroup(void *record, __u32 kind, bool of_itself)
{
	if (kind == CAPMON_RECORD_CGROUP_MADE && of_itself)
		bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
	else
		submit(record);
}

static __always_inline int tell_cgroup(struct cgroup *cgroup, const char *path, __u32 kind)
{
	struct capmon_short_cgroup_record *short_record;
	struct capmon_cgroup_record *record;
	char start[CAPMON_SHORT_PATH_LEN];
	struct capmon_owner *owner;
	__u64 id = cgroup->kn->id;
	__u64 owner_id;
	long length;

	if (cgroup->root->hierarchy_id != hierarchy_id)
		return 0;
	if (kind == CAPMON_RECORD_CGROUP_MADE)
		note_maker(id);
	owner_id = owner_of_cgroup(cgroup);
	owner = owner_record(owner_id);
	length = bpf_probe_read_kernel_str(start, sizeof(start), path);
	if (length > 0 && length < sizeof(start)) {
		short_record = RESERVE(owner, struct capmon_short_cgroup_record, false);
		if (!short_record)
			goto lost;
		fill_header(&short_record->header, kind, id, owner_id);
		bpf_probe_read_kernel_str(short_record->path, sizeof(short_record->path), path);
		submit_cgroup(short_record, kind, id == owner_id);
		return 0;
	}
	record = RESERVE(owner, struct capmon_cgroup_record, false);
	if (!record)
		goto lost;
	fill_header(&record->header, kind, id, owner_id);
	if (bpf_probe_read_kernel_str(record->path, sizeof(record->path), path) < 0)
		record->path[0] = 0;
	submit_cgroup(record, kind, id == owner_id);
	return 0;
lost:
	charge_loss(owner, kind == CAPMON_RECORD_CGROUP_MADE ? CAPMON_LOSS_RING_CGROUP
							     : CAPMON_LOSS_RING_REMOVED);
	return 0;
}

static __always_inline void recall_credentials(struct capmon_exec_record *record)
{
	struct exec_before *before;

	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_storage_get))
		return;
	before = bpf_task_storage_get(&execs_before, bpf_get_current_task_btf(), 0, 0);
	if (!before || !before->known)
		return;
	record->before_known = 1;
	record->permitted_before = before->permitted;
	record->uid_before = before->uid;
	record->euid_before = before->euid;
	bpf_task_storage_delete(&execs_before, bpf_get_current_task_btf());
}

static __always_inline void fill_network(struct capmon_exec_record *record,
					 struct task_struct *task)
{
	struct net *net = BPF_CORE_READ(task, nsproxy, net_ns);

	if (!net || !bpf_core_field_exists(net->ipv4.sysctl_ip_prot_sock) ||
	    !bpf_core_field_exists(net->ipv4.ping_group_range))
		return;
	record->unprivileged_port_start = BPF_CORE_READ(net, ipv4.sysctl_ip_prot_sock);
	record->ping_group_low = BPF_CORE_READ(net, ipv4.ping_group_range.range[0].val);
	record->ping_group_high = BPF_CORE_READ(net, ipv4.ping_group_range.range[1].val);
	record->net_known = 1;
}

static __always_inline void fill_credentials(struct capmon_exec_record *record,
					     const struct cred *cred)
{
	record->permitted = read_caps(&cred->cap_permitted);
	record->effective = read_caps(&cred->cap_effective);
	record->inheritable = read_caps(&cred->cap_inheritable);
	record->bounding = read_caps(&cred->cap_bset);
	record->ambient = read_caps(&cred->cap_ambient);
	record->uid = BPF_CORE_READ(cred, uid.val);
	record->euid = BPF_CORE_READ(cred, euid.val);
	record->userns_level = BPF_CORE_READ(cred, user_ns, level);
}

/* What the kernel read of a file that is being executed, by thread. */
struct file_capabilities {
	__u64 permitted;
	__u64 inheritable;
	__u32 effective;
	__u32 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct file_capabilities);
} file_reads SEC(".maps");

static __always_inline void remember_file(const struct cpu_vfs_cap_data *data, int error)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct file_capabilities read = {};

	if (error && error != -ENODATA)
		return;
	if (!error) {
		read.permitted = read_caps(&data->permitted);
		read.inheritable = read_caps(&data->inheritable);
		read.effective = BPF_CORE_READ(data, magic_etc) & VFS_CAP_FLAGS_EFFECTIVE;
	}
	bpf_map_update_elem(&file_reads, &thread, &read, BPF_ANY);
}

static __always_inline bool file_is_known(void)
{
	__u64 thread = bpf_get_current_pid_tgid();

	return bpf_map_lookup_elem(&file_reads, &thread);
}

static __always_inline void recall_file(struct capmon_exec_record *record)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct file_capabilities *read = bpf_map_lookup_elem(&file_reads, &thread);

	if (!read)
		return;
	record->file_permitted = read->permitted;
	record->file_inheritable = read->inheritable;
	record->file_effective = read->effective;
	record->file_known = 1;
	bpf_map_delete_elem(&file_reads, &thread);
}

/* Files executed before in a cgroup. A new one wakes capmond, which may want to look at the file. */
struct executed_file {
	__u64 cgroup_id;
	__u64 exe;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct executed_file);
	__type(value, __u32);
} files_executed SEC(".maps");

static __always_inline bool first_time(const struct capmon_exec_record *record)
{
	struct executed_file file = {
		.cgroup_id = record->header.cgroup_id,
		.exe = record->exe,
	};
	__u32 one = 1;

	if (bpf_map_lookup_elem(&files_executed, &file))
		return false;
	return bpf_map_update_elem(&files_executed, &file, &one, BPF_NOEXIST) == 0;
}

static __always_inline bool changes_id(__u16 mode)
{
	return mode & S_ISUID || (mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP);
}

/* So much of what a program is given tells one start from another. */
#define ARGUMENT_WORDS 16

static __always_inline __u32 arguments_of(struct task_struct *task)
{
	struct mm_struct *mm = TASK_READ(task, mm);
	__u64 start = BPF_CORE_READ(mm, arg_start), length = BPF_CORE_READ(mm, arg_end) - start;
	__u64 words[ARGUMENT_WORDS] = {}, hash = length;
	int i;

	if (length > sizeof(words))
		length = sizeof(words);
	if (bpf_probe_read_user(words, length, (void *)start))
		return 0;
#pragma unroll
	for (i = 0; i < ARGUMENT_WORDS; i++)
		hash = mixed(hash ^ words[i]);
	return hash >> 32;
}

static __always_inline void fill_exec(struct capmon_exec_record *record, struct task_struct *task,
				      struct linux_binprm *bprm, struct charged charged)
{
	struct file *exe = executable_of(task);

	__builtin_memset(__builtin_assume_aligned((void *)record + sizeof(record->header), 8), 0,
			 sizeof(*record) - sizeof(record->header));
	fill_header(&record->header, CAPMON_RECORD_EXEC, charged.cgroup_id, charged.owner_id);
	recall_credentials(record);
	fill_credentials(record, TASK_READ(task, real_cred));
	fill_network(record, task);
	record->no_new_privs = TASK_READ(task, atomic_flags) & PFA_NO_NEW_PRIVS_BIT;
	record->seccomp_mode = TASK_READ(task, seccomp.mode);
	record->secure_exec = BPF_CORE_READ_BITFIELD_PROBED(bprm, secureexec);
	record->setid_file = changes_id(BPF_CORE_READ(bprm, file, f_inode, i_mode));
	if (exe) {
		record->exe = number_of(exe);
		record->inode = BPF_CORE_READ(exe, f_inode, i_ino);
		record->exe_origin = origin_of(task, exe);
	}
	record->arguments = arguments_of(task);
	bpf_get_current_comm(record->comm, sizeof(record->comm));
	bpf_probe_read_kernel_str(record->path, sizeof(record->path), BPF_CORE_READ(bprm, filename));
	recall_file(record);
}

static __always_inline void submit_exec(void *record, bool at_once)
{
	if (at_once)
		submit_at_once(record);
	else
		submit(record);
}

static __always_inline int tell_exec(struct linux_binprm *bprm)
{
	struct task_struct *task = current_task();
	struct charged charged = charged_for(task);
	struct capmon_owner *owner = owner_record(charged.owner_id);
	struct capmon_located_exec_record *located;
	struct capmon_exec_record *record;

	learn_lineage(task, bprm);
	if (file_is_known()) {
		record = RESERVE(owner, struct capmon_exec_record, false);
		if (!record)
			goto lost;
		fill_exec(record, task, bprm, charged);
		submit_exec(record, first_time(record));
		return 0;
	}
	located = RESERVE(owner, struct capmon_located_exec_record, false);
	if (!located)
		goto lost;
	fill_exec(&located->exec, task, bprm, charged);
	fill_location(located, executable_of(task));
	submit_exec(located, first_time(&located->exec));
	return 0;
lost:
	charge_loss(owner, CAPMON_LOSS_RING_EXEC);
	return 0;
}
