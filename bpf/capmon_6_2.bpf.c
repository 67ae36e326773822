// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/* The same for kernels since 6.2; see task.bpf.h. */
#define KERNEL_CALLS 1
#include "capmon.bpf.c"
