// SPDX-License-Identifier: Apache-2.0
// Reads the proofs of a profile file.
#pragma once

#include "client/profile_file/field_reader.h"
#include "client/profile_file/workload_profile.h"

namespace capmon {

// Reads the key `proofs`, which may be missing.
void ReadProofs(FieldReader& fields, WorkloadProfile& profile);

}  // namespace capmon
