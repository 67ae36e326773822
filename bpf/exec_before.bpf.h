/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* A task as it was before an exec changes it. */
#pragma once

#include "task.bpf.h"

struct exec_before {
	__u64 permitted;
	__u32 uid;
	__u32 euid;
	__u32 known;
	__u32 exe; /* 0: not known */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct exec_before);
} execs_before SEC(".maps");

/* `exe`: what the task runs until now. */
static __always_inline void remember_task(struct file *exe)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct exec_before *before =
		bpf_task_storage_get(&execs_before, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!before)
		return;
	before->permitted = read_caps(&task->cred->cap_permitted);
	before->uid = task->cred->uid.val;
	before->euid = task->cred->euid.val;
	before->exe = exe ? number_of(exe) : 0;
	before->known = 1;
}
