// SPDX-License-Identifier: Apache-2.0
#include "proto/json.h"

#include <memory>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/type_resolver_util.h"

namespace capmon {
namespace {

constexpr char kTypePrefix[] = "type.googleapis.com";

// Maps are written in the order of their keys; left alone, protobuf's order differs from run to
// run.
std::string Deterministic(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream output(&stream);
    output.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&output);
  }
  return bytes;
}

}  // namespace

absl::StatusOr<std::string> MessageToJson(const google::protobuf::Message& message, bool lines) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  options.add_whitespace = lines;
  const std::unique_ptr<google::protobuf::util::TypeResolver> types(
      google::protobuf::util::NewTypeResolverForDescriptorPool(
          kTypePrefix, message.GetDescriptor()->file()->pool()));
  const std::string type = std::string(kTypePrefix) + "/" + message.GetDescriptor()->full_name();
  std::string json;
  const auto status = google::protobuf::util::BinaryToJsonString(
      types.get(), type, Deterministic(message), &json, options);
  if (!status.ok())
    return absl::InternalError("write the answer as JSON: " + status.message().ToString());
  while (json.ends_with('\n')) json.pop_back();
  return json;
}

}  // namespace capmon
