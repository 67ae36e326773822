// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/utf8_message.h"

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "common/utf8.h"

namespace capmon {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void MakeUtf8(Message& message, const Reflection& reflection, const FieldDescriptor* field) {
  std::string scratch;
  if (!field->is_repeated()) {
    const std::string& text = reflection.GetStringReference(message, field, &scratch);
    if (!IsUtf8(text)) reflection.SetString(&message, field, ToUtf8(text));
    return;
  }
  for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
    const std::string& text = reflection.GetRepeatedStringReference(message, field, i, &scratch);
    if (!IsUtf8(text)) reflection.SetRepeatedString(&message, field, i, ToUtf8(text));
  }
}

}  // namespace

void MakeUtf8(Message& message) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);  // those that are set
  for (const FieldDescriptor* field : fields) {
    if (field->type() == FieldDescriptor::TYPE_STRING)
      MakeUtf8(message, reflection, field);
    else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
      continue;
    else if (!field->is_repeated())
      MakeUtf8(*reflection.MutableMessage(&message, field));
    else  // a map, too: its entries are messages
      for (int i = 0; i < reflection.FieldSize(message, field); ++i)
        MakeUtf8(*reflection.MutableRepeatedMessage(&message, field, i));
  }
}

}  // namespace capmon
