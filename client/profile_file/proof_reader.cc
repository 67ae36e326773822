// SPDX-License-Identifier: Apache-2.0
#include "client/profile_file/proof_reader.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/quoted.h"
#include "client/profile_file/row_reader.h"

namespace capmon {
namespace {

const std::set<std::string> kFound = {"needed", "unneeded"};

FiledProof ReadProof(FieldReader& fields) {
  FiledProof proof;
  fields.Require("found");
  fields.Choice("found", kFound, proof.found);
  fields.Require("at");
  fields.Text("at", proof.at);
  if (!proof.at.empty() && !IsTimeOfFile(proof.at))
    fields.Fail(fields.map().At("at").place, "at takes a time in UTC, like 2026-01-31T12:00:00Z");
  fields.Text("why", proof.why);
  fields.Text("check", proof.check);
  fields.Text("capmon", proof.capmon);
  return proof;
}

}  // namespace

void ReadProofs(FieldReader& fields, WorkloadProfile& profile) {
  const YamlValue* const proofs = fields.Value("proofs");
  if (proofs == nullptr || proofs->is_null()) return;
  if (!proofs->is_map())
    return fields.Fail(proofs->place, "proofs takes a map of capabilities, like NET_RAW");
  for (const YamlMember& member : proofs->members) {
    if (!IsCapabilityOfFile(member.key))
      return fields.Fail(member.place, absl::StrCat("there is no capability ", Quoted(member.key),
                                                    "; write it like NET_RAW"));
    FieldReader one(member.value, fields.file(), "the proof");
    FiledProof proof = ReadProof(one);
    if (const absl::Status status = one.Finish(); !status.ok()) return fields.Take(status);
    profile.proofs[member.key] = std::move(proof);
  }
}

}  // namespace capmon
