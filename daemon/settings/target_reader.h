// SPDX-License-Identifier: Apache-2.0
// Reads the keys that one type of sink has.
#pragma once

#include "daemon/settings/section_reader.h"
#include "daemon/sink/sink_settings.h"

namespace capmon {

FileTarget ReadFileTarget(SectionReader& reader);
FileTarget ReadStdoutTarget(SectionReader& reader);
SyslogTarget ReadSyslogTarget(SectionReader& reader);
HttpTarget ReadHttpTarget(SectionReader& reader, HttpTarget::Preset preset);
OtlpTarget ReadOtlpTarget(SectionReader& reader);
KafkaTarget ReadKafkaTarget(SectionReader& reader);

// Reads `tls:`. With `encrypted` false its presence is a fault with that remedy.
void ReadTls(SectionReader& reader, bool encrypted, std::string_view remedy, TlsSettings& into);
// Reads `headers:`; values that are secrets are refused.
void ReadHeaders(SectionReader& reader, std::map<std::string, std::string>& into);
// True for names like "Authorization", "sasl.password", "api_key".
bool NamesASecret(std::string_view name);

}  // namespace capmon
