// SPDX-License-Identifier: Apache-2.0
// JSONPath templates and custom columns, with the examples of kubectl's documentation and tests.
#include "client/render/json_path.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "client/render/document_template.h"

namespace capmon {
namespace {

using nlohmann::ordered_json;

// https://kubernetes.io/docs/reference/kubectl/jsonpath/
const ordered_json kDocumented = ordered_json::parse(R"({
  "kind": "List",
  "items": [
    {"kind": "None", "metadata": {"name": "127.0.0.1", "labels": {"kubernetes.io/hostname": "127.0.0.1"}},
     "status": {"capacity": {"cpu": "4"}, "addresses": [{"type": "LegacyHostIP", "address": "127.0.0.1"}]}},
    {"kind": "None", "metadata": {"name": "127.0.0.2"},
     "status": {"capacity": {"cpu": "8"}, "addresses": [
       {"type": "LegacyHostIP", "address": "127.0.0.2"}, {"type": "another", "address": "127.0.0.3"}]}}],
  "users": [{"name": "myself", "user": {}},
            {"name": "e2e", "user": {"username": "admin", "password": "secret"}}]})");

// The store of kubectl's own tests.
const ordered_json kStore = ordered_json::parse(R"({
  "Name": "jsonpath",
  "Book": [
    {"Category": "reference", "Author": "Nigel Rees", "Title": "Sayings of the Centurey", "Price": 8.95},
    {"Category": "fiction", "Author": "Evelyn Waugh", "Title": "Sword of Honour", "Price": 12.99}],
  "Bicycle": [{"Color": "red", "Price": 19.95, "IsNew": true}, {"Color": "green", "Price": 20.01, "IsNew": false}],
  "Labels": {"engieer": 10, "web/html": 15, "k8s-app": 20},
  "Employees": {"jason": 0, "dan": 1}})");

std::string Printed(const std::string& text, const ordered_json& document) {
  const auto parsed = JsonTemplate::Parse(text);
  if (!parsed.ok()) return "not parsed: " + std::string(parsed.status().message());
  const auto rendered = parsed->Render(document);
  return rendered.ok() ? *rendered : "not rendered: " + std::string(rendered.status().message());
}

TEST(JsonPathTest, ExamplesOfKubectlsDocumentation) {
  const auto printed = [](const char* text) { return Printed(text, kDocumented); };
  EXPECT_EQ(printed("kind is {.kind}"), "kind is List");
  EXPECT_EQ(printed("{.kind}"), "List");
  EXPECT_EQ(printed("{['kind']}"), "List");
  EXPECT_EQ(printed("{..name}"), "127.0.0.1 127.0.0.2 myself e2e");
  EXPECT_EQ(printed("{.items[*].metadata.name}"), "127.0.0.1 127.0.0.2");
  EXPECT_EQ(printed("{.items[*]['metadata.name', 'status.capacity']}"), "");
  EXPECT_EQ(printed("{.users[0].name}"), "myself");
  EXPECT_EQ(printed(R"({.users[?(@.name=="e2e")].user.password})"), "secret");
  EXPECT_EQ(printed(R"({range .items[*]}[{.metadata.name}, {.status.capacity}] {end})"),
            R"([127.0.0.1, {"cpu":"4"}] [127.0.0.2, {"cpu":"8"}] )");
  EXPECT_EQ(printed(R"({range .items[*]}{.metadata.name}{'\t'}{end})"), "127.0.0.1\t127.0.0.2\t");
  EXPECT_EQ(printed(R"({.items[0].metadata.labels.kubernetes\.io/hostname})"), "127.0.0.1");
  EXPECT_EQ(printed("{.items[0:2:1].kind}"), "None None");
  EXPECT_EQ(printed("{.items[-1:].metadata.name}"), "127.0.0.2");
  EXPECT_EQ(printed("{.items[-1].metadata.name}"), "127.0.0.2");
  EXPECT_EQ(printed("{$.kind} {@.kind}"), "List List");
}

TEST(JsonPathTest, ExamplesOfKubectlsTests) {
  const auto printed = [](const char* text) { return Printed(text, kStore); };
  EXPECT_EQ(printed("hello jsonpath"), "hello jsonpath");
  EXPECT_EQ(printed(R"({"hello jsonpath"})"), "hello jsonpath");
  EXPECT_EQ(printed(R"({"{"})"), "{");
  EXPECT_EQ(printed("{[0:2]}"),
            "not rendered: \"[0:2]\" needs a list, and the value there is none");
  EXPECT_EQ(printed("{.Book[*].Author}"), "Nigel Rees Evelyn Waugh");
  EXPECT_EQ(printed("{range .Bicycle[*]}{ \"{\" }{ @.* }{ \"} \" }{end}"),
            "{red 19.95 true} {green 20.01 false} ");
  EXPECT_EQ(printed(R"({range .Bicycle[*]}{.Price}{"\n"}{end})"), "19.95\n20.01\n");
  EXPECT_EQ(printed("{.Book[*].Price}"), "8.95 12.99");
  EXPECT_EQ(printed("{.Bicycle[?(@.IsNew==true)].Color}"), "red");
  EXPECT_EQ(printed("{.Bicycle[?(@.IsNew!=true)].Color}"), "green");
  EXPECT_EQ(printed("{.Book[?(@.Price > 8.98)].Author}"), "Evelyn Waugh");
  EXPECT_EQ(printed("{.Book[?(@.Price<=8.95)].Author}"), "Nigel Rees");
  EXPECT_EQ(printed("{.Book[?(@.Isbn)].Author}"), "");
  EXPECT_EQ(printed("{.Labels.web/html}"), "15");
  EXPECT_EQ(printed("{.Employees.jason}"), "0");
  EXPECT_EQ(printed("{..Price}"), "8.95 12.99 19.95 20.01");
  EXPECT_EQ(printed("{.Book[0,1].Price}"), "8.95 12.99");
  EXPECT_EQ(printed("{['Name','Employees']}"), R"(jsonpath {"jason":0,"dan":1})");
  EXPECT_EQ(printed("{.Book[*]['Author','Price']}"), "Nigel Rees Evelyn Waugh 8.95 12.99");
  EXPECT_EQ(printed("{.hello}"), "") << "a missing field is nothing";
}

TEST(JsonPathTest, RangesWithinEachOther) {
  EXPECT_EQ(
      Printed("{range .items[*]}{.metadata.name}{range .status.addresses[*]} {.type}{end};{end}.",
              kDocumented),
      "127.0.0.1 LegacyHostIP;127.0.0.2 LegacyHostIP another;.");
  EXPECT_EQ(Printed("{range .none[*]}x{end}y", kDocumented), "y");
}

TEST(JsonPathTest, NumbersOfTheApiAreTexts) {
  const ordered_json rows = {{"rows", {{{"checks", "900"}}, {{"checks", "1000"}}}}};
  EXPECT_EQ(Printed("{.rows[?(@.checks>950)].checks}", rows), "1000");
  EXPECT_EQ(Printed("{.rows[?(@.checks==900)].checks}", rows), "900");
}

TEST(JsonPathTest, ValuesHaveNoControlCharacters) {
  EXPECT_EQ(Printed("{.a}{\"\\n\"}", {{"a", "x\x1b[2Jy"}}), "x\\x1b[2Jy\n");
}

TEST(JsonPathTest, OneClauseForWhatIsWrong) {
  const auto wrong = [](const char* text, const char* part) {
    const auto parsed = JsonTemplate::Parse(text);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_NE(std::string(parsed.status().message()).find(part), std::string::npos)
        << text << ": " << parsed.status();
  };
  wrong("", "empty");
  wrong("{.a", "has no }");
  wrong("{.a[}", "has no ]");
  wrong("{.a[x]}", "\"x\" is no index");
  wrong("{.a[]}", "[*] for all");
  wrong("{.a[0:1:2:3]}", "three parts");
  wrong("{.a[::0]}", "step above 0");
  wrong("{....a}", "cannot follow another");
  wrong("{workloads}", "begins with a dot");
  wrong("{range .a[*]}x", "has no {end}");
  wrong("{end}", "has no {range}");
  wrong("{.a range}", "first word");
  wrong("{\"a}", "is not closed");
  wrong("{\"\\q\"}", "no escape");
  wrong("{.a[?(@.b==]}", "has no )]");
  wrong("{.a[?(@.b=~1)]}", "\"=\" is no comparison");
  wrong("{.a[?(@.b==)]}", "lacks a side");
  wrong("{.a[?(@.b[?(@.c)])]}", "");
  wrong("{#}", "is no path");
}

TEST(JsonPathTest, OneClauseForWhatDoesNotFitTheDocument) {
  const auto wrong = [](const char* text) { return Printed(text, kStore); };
  EXPECT_NE(wrong("{.Book[2]}").find("beyond the end of a list of 2"), std::string::npos);
  EXPECT_NE(wrong("{.Book[9223372036854775807]}").find("beyond the end"), std::string::npos);
  EXPECT_NE(wrong("{.Book[-3]}").find("beyond the end"), std::string::npos);
  EXPECT_NE(wrong("{.Name[?(@.a==1)]}").find("needs a list"), std::string::npos);
  EXPECT_NE(wrong("{.Book[?(@.Author<1)]}").find("cannot be compared"), std::string::npos);
}

// Any text is either a template, or a clause that says what is wrong.
TEST(JsonPathTest, SurvivesAnything) {
  const std::vector<std::string> words = {
      "{",      "}",   "[",     "]",    "[?(", ")]",   "@",     "$",   ".",    "..", "*",
      "range ", "end", "'",     "\"",   "\\",  "Book", "==",    "<",   "-1",   ":",  ",",
      " ",      "\n",  "Price", "true", "5.5", "\xff", "{end}", "[*]", "{..*}"};
  std::minstd_rand random(7);
  size_t parsed = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = i % 2 == 0 ? "{" : "{.Book";
    for (size_t left = random() % 12; left > 0; --left) text += words[random() % words.size()];
    if (i % 2 == 1) text += "}";
    const auto result = JsonTemplate::Parse(text);
    ASSERT_TRUE(result.ok() || !result.status().message().empty()) << text;
    if (!result.ok()) continue;
    ++parsed;
    (void)result->Render(kStore);
  }
  EXPECT_GT(parsed, 500u);
  EXPECT_FALSE(JsonTemplate::Parse(std::string(100'000, '{')).ok());
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "{range .a}";
  EXPECT_FALSE(JsonTemplate::Parse(deep).ok());
}

std::string Columns(const char* spec, const ordered_json& document) {
  const auto columns = CustomColumns(spec, /*headers=*/true);
  if (!columns.ok()) return std::string(columns.status().message());
  const auto text = (*columns)->Render(document);
  return text.ok() ? *text : std::string(text.status().message());
}

TEST(CustomColumnsTest, ARowForEachOfTheOnlyList) {
  const ordered_json list = {{"items", kDocumented["items"]}};
  const std::string expected =
      "NAME       CPU  TYPES                 NODE\n"
      "127.0.0.1  4    LegacyHostIP          <none>\n"
      "127.0.0.2  8    LegacyHostIP,another  <none>\n";
  EXPECT_EQ(Columns("NAME:.metadata.name,CPU:status.capacity.cpu,TYPES:{.status.addresses[*].type},"
                    "NODE:.spec.node",
                    list),
            expected);
  EXPECT_EQ(Columns("KIND:.kind,FIRST:.items[0].metadata.name", kDocumented),
            "KIND  FIRST\nList  127.0.0.1\n")
      << "other documents are one row";
  EXPECT_EQ(Columns("TWO:.Book[0,1].Price,NEW:.Bicycle[?(@.Color==\"red,\")].Color", kStore),
            "TWO         NEW\n8.95,12.99  <none>\n")
      << "commas in brackets";
}

TEST(CustomColumnsTest, TitlesComeOnce) {
  const auto columns = CustomColumns("A:.a", true);
  ASSERT_TRUE(columns.ok());
  EXPECT_EQ(*(*columns)->Render({{"a", 1}}), "A\n1\n");
  EXPECT_EQ(*(*columns)->Render({{"a", "\x1b"}}), "\\x1b\n");
}

TEST(CustomColumnsTest, WhatIsWrong) {
  EXPECT_NE(Columns("NAME", {}).find("\"NAME\" is not TITLE:PATH"), std::string::npos);
  EXPECT_NE(Columns(":.a", {}).find("is not TITLE:PATH"), std::string::npos);
  EXPECT_NE(Columns("A:", {}).find("a path is empty"), std::string::npos);
  EXPECT_NE(Columns("A:.a[x]", {}).find("A: \"x\" is no index"), std::string::npos);
  EXPECT_NE(Columns("A:.a,", {}).find("is not TITLE:PATH"), std::string::npos);
}

}  // namespace
}  // namespace capmon
