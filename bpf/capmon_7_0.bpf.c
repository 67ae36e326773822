// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/* The same for kernels since 7.0; see task.bpf.h. */
#define KERNEL_CALLS 3
#include "capmon.bpf.c"
