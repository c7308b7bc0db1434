package dev.krafla.engine.constrain;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Schemas with documents that are valid and documents that are not. */
record Schemas(String name, String schema, List<String> valid, List<String> invalid) {
  @Override
  public String toString() {
    return name;
  }

  static List<Schemas> all() {
    return List.of(
        new Schemas(
            "a person",
            """
            {"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"},
             "email":{"type":["string","null"]}},"required":["name","age","email"],
             "additionalProperties":false}\
            """,
            List.of(
                "{\"name\":\"Ann\",\"age\":3,\"email\":null}",
                "{\"name\": \"日本 \\\"x\\\" 😀\", \"age\": -12, \"email\": \"a\\u00e9\\ud83d\\ude00\"}",
                "{\n  \"name\": \"\",\n  \"age\": 0,\n  \"email\": \"\"\n}"),
            List.of(
                "{}",
                "{\"name\":\"Ann\",\"age\":3}",
                "{\"name\":\"Ann\",\"age\":3.5,\"email\":null}",
                "{\"name\":\"Ann\",\"age\":3,\"email\":null,\"x\":1}",
                "{\"name\":\"A\nb\",\"age\":3,\"email\":null}",
                "{\"name\":\"\\ud83d\",\"age\":3,\"email\":null}",
                "{\"name\":\"Ann\",\"age\":03,\"email\":null}",
                "{\"name\":\"Ann\",\"age\":3,\"email\":null")),
        new Schemas(
            "optional properties",
            """
            {"type":"object","properties":{"a":{"type":"boolean"},"b":{"type":"number"},
             "c":{"type":"null"}},"required":["b"]}\
            """,
            List.of(
                "{\"b\":1}",
                "{\"a\":true,\"b\":-0.5e+3}",
                "{\"b\":1.25,\"c\":null}",
                "{\"a\":false,\"b\":0,\"c\":null}"),
            List.of("{}", "{\"a\":true}", "{\"b\":1,}", "{,\"b\":1}", "{\"b\":1,\"a\":true}")),
        new Schemas(
            "all optional",
            """
            {"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},
             "additionalProperties":false}\
            """,
            List.of("{}", "{\"a\":1}", "{\"b\":1}", "{\"a\":1,\"b\":2}"),
            List.of("{\"a\":1\"b\":2}", "{\"c\":1}")),
        new Schemas(
            "bounded array",
            """
            {"type":"array","items":{"type":"integer","minimum":1,"maximum":120},"minItems":2,
             "maxItems":4}\
            """,
            List.of("[1,2]", "[120, 99, 100, 7]", "[\n  1,\n  2\n]"),
            List.of("[]", "[1]", "[0,1]", "[121,1]", "[1,2,3,4,5]", "[1.0,2]")),
        new Schemas(
            "any array",
            "{\"type\":\"array\"}",
            List.of("[]", "[1,\"a\",[null,{}],{\"x\":[true]}]"),
            List.of("{}", "[1", "[1 2]")),
        new Schemas(
            "a tuple",
            """
            {"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":false,
             "minItems":2}\
            """,
            List.of("[\"a\",1]"),
            List.of("[\"a\"]", "[1,\"a\"]", "[\"a\",1,2]")),
        new Schemas(
            "enum and const",
            """
            {"type":"object","properties":{"kind":{"const":"x/y\\"z"},
             "colour":{"type":"string","enum":["red","green","grün","re"]},
             "level":{"enum":[1,2.5,null,true,[1,{"k":"v"}]]}},
             "required":["kind","colour","level"],"additionalProperties":false}\
            """,
            List.of(
                "{\"kind\":\"x/y\\\"z\",\"colour\":\"grün\",\"level\":2.5}",
                "{\"kind\":\"x/y\\\"z\",\"colour\":\"re\",\"level\":[1, {\"k\": \"v\"}]}"),
            List.of(
                "{\"kind\":\"x\",\"colour\":\"red\",\"level\":1}",
                "{\"kind\":\"x/y\\\"z\",\"colour\":\"r\",\"level\":1}",
                "{\"kind\":\"x/y\\\"z\",\"colour\":\"red\",\"level\":2}")),
        new Schemas(
            "a tree by reference",
            """
            {"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{
             "value":{"type":"integer"},"children":{"type":"array","items":{"$ref":"#/$defs/node"}}},
             "required":["value","children"],"additionalProperties":false}}}\
            """,
            List.of(
                "{\"value\":1,\"children\":[]}",
                "{\"value\":1,\"children\":[{\"value\":2,\"children\":[{\"value\":3,\"children\":[]}]}, {\"value\":4,\"children\":[]}]}"),
            List.of("{\"value\":1}", "{\"value\":1,\"children\":[{\"value\":2}]}")),
        new Schemas(
            "a linked list to the root",
            """
            {"type":"object","properties":{"head":{"type":"string"},
             "tail":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["head","tail"],
             "additionalProperties":false}\
            """,
            List.of("{\"head\":\"a\",\"tail\":{\"head\":\"b\",\"tail\":null}}"),
            List.of("{\"head\":\"a\"}", "{\"head\":\"a\",\"tail\":3}")),
        new Schemas(
            "alternatives with a common beginning",
            """
            {"anyOf":[{"type":"object","properties":{"type":{"const":"circle"},
             "radius":{"type":"number","exclusiveMinimum":0}},"required":["type","radius"],
             "additionalProperties":false},{"type":"object","properties":{"type":{"const":"cube"},
             "side":{"type":"number","minimum":0.5,"maximum":10}},"required":["type","side"],
             "additionalProperties":false}]}\
            """,
            List.of(
                "{\"type\":\"circle\",\"radius\":0.001}",
                "{\"type\":\"cube\",\"side\":9.999}",
                "{\"type\":\"cube\",\"side\":10.0}",
                "{\"type\":\"cube\",\"side\":0.5}"),
            List.of(
                "{\"type\":\"circle\",\"side\":1}",
                "{\"type\":\"circle\",\"radius\":0}",
                "{\"type\":\"circle\",\"radius\":0.0}",
                "{\"type\":\"cube\",\"side\":0.49}",
                "{\"type\":\"cube\",\"side\":10.1}")),
        new Schemas(
            "one of, told apart by type and tag",
            """
            {"oneOf":[{"type":"string"},{"type":"integer"},
             {"type":"object","properties":{"t":{"enum":["a"]}},"required":["t"]},
             {"type":"object","properties":{"t":{"const":"b"}},"required":["t"]}]}\
            """,
            List.of("\"x\"", "12", "{\"t\":\"a\"}", "{\"t\":\"b\"}"),
            List.of("{\"t\":\"c\"}", "true")),
        new Schemas(
            "string lengths",
            "{\"type\":\"string\",\"minLength\":2,\"maxLength\":5}",
            List.of(
                "\"ab\"", "\"日本語日本\"", "\"\\n\\n\\n\\n\\n\"", "\"😀😀\"", "\"\\ud83d\\ude00a\""),
            List.of("\"a\"", "\"abcdef\"", "\"😀\"")),
        new Schemas(
            "a long string",
            "{\"type\":\"string\",\"minLength\":3,\"maxLength\":40}",
            List.of("\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "\"abc\""),
            List.of("\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "\"ab\"")),
        new Schemas(
            "an anchored pattern",
            "{\"type\":\"string\",\"pattern\":\"^[a-z]{2,4}(-\\\\d+)?$\"}",
            List.of("\"ab\"", "\"abcd-123\""),
            List.of("\"a\"", "\"ab-\"", "\"abcde\"", "\" ab\"")),
        new Schemas(
            "a pattern found anywhere",
            "{\"type\":\"string\",\"pattern\":\"b+\\\\\\\\|\\\"\"}",
            List.of("\"b\\\\\"", "\"xx\\\"yy\"", "\"日b\\\\日\""),
            List.of("\"\"", "\"b\"", "\"xyz\"")),
        new Schemas(
            "a date-time",
            "{\"type\":\"string\",\"format\":\"date-time\"}",
            List.of("\"2026-11-23T23:59:59Z\"", "\"2024-02-29T00:00:00.123+01:00\""),
            List.of("\"2026-11-23\"", "\"2023-02-29T00:00:00Z\"", "\"2026-13-01T00:00:00Z\"")),
        new Schemas(
            "a date",
            "{\"type\":\"string\",\"format\":\"date\"}",
            List.of("\"2026-11-30\"", "\"2000-02-29\""),
            List.of("\"2026-11-31\"", "\"1900-02-29\"", "\"2026-2-03\"")),
        new Schemas(
            "a time",
            "{\"type\":\"string\",\"format\":\"time\"}",
            List.of("\"12:34:56Z\"", "\"00:00:00.5-08:30\""),
            List.of("\"24:00:00Z\"", "\"12:34\"")),
        new Schemas(
            "a duration",
            "{\"type\":\"string\",\"format\":\"duration\"}",
            List.of("\"P3Y6M4DT12H30M5S\"", "\"P2W\"", "\"PT5M\"", "\"P1D\""),
            List.of("\"P\"", "\"PT\"", "\"3D\"", "\"P1DT\"")),
        new Schemas(
            "an e-mail address",
            "{\"type\":\"string\",\"format\":\"email\"}",
            List.of("\"a.b+c@example.com\"", "\"x@y.org\""),
            List.of("\"a\"", "\"a@b\"", "\".a@b.com\"", "\"a..b@c.de\"")),
        new Schemas(
            "a host name",
            "{\"type\":\"string\",\"format\":\"hostname\"}",
            List.of("\"example.com\"", "\"localhost\"", "\"a-b.c\""),
            List.of("\"-a.com\"", "\"a..b\"", "\"a-\"")),
        new Schemas(
            "an IPv4 address",
            "{\"type\":\"string\",\"format\":\"ipv4\"}",
            List.of("\"0.0.0.0\"", "\"255.249.199.7\""),
            List.of("\"256.1.1.1\"", "\"1.2.3\"", "\"01.2.3.4\"")),
        new Schemas(
            "an IPv6 address",
            "{\"type\":\"string\",\"format\":\"ipv6\"}",
            List.of("\"::\"", "\"::1\"", "\"2001:db8::ff00:42:8329\"", "\"1:2:3:4:5:6:7:8\""),
            List.of("\":\"", "\"1::2::3\"", "\"12345::\"", "\"1:2:3:4:5:6:7:8:9\"")),
        new Schemas(
            "a UUID",
            "{\"type\":\"string\",\"format\":\"uuid\"}",
            List.of("\"123e4567-e89b-12d3-a456-426614174000\""),
            List.of("\"123e4567e89b12d3a456426614174000\"")),
        new Schemas(
            "a URI",
            "{\"type\":\"string\",\"format\":\"uri\"}",
            List.of("\"https://example.com/a/b?c=d#e\"", "\"ftp://x\""),
            List.of("\"example.com\"", "\"http://a b\"")),
        new Schemas(
            "integers from a negative to a positive bound",
            "{\"type\":\"integer\",\"exclusiveMinimum\":-105,\"maximum\":2047}",
            List.of("-104", "-99", "0", "-1", "2047", "1999", "100"),
            List.of("-105", "2048", "-1000", "00", "-0", "1.5")),
        new Schemas(
            "negative decimals",
            "{\"type\":\"number\",\"minimum\":-2.25,\"exclusiveMaximum\":-0.5}",
            List.of("-2.25", "-0.51", "-1", "-2.0", "-2.2499"),
            List.of("-2.26", "-0.5", "-0.50", "0", "-0", "-3")),
        new Schemas(
            "half-open numbers",
            "{\"type\":\"number\",\"minimum\":1000}",
            List.of("1000", "1000.0", "99999999", "1000.5"),
            List.of("999.9", "-1000", "0")),
        new Schemas(
            "cents",
            "{\"type\":\"number\",\"multipleOf\":0.01,\"minimum\":0,\"maximum\":99.99}",
            List.of("0", "12.5", "99.99", "0.01"),
            List.of("100", "0.001", "-1")),
        new Schemas(
            "multiples of seven",
            "{\"type\":\"integer\",\"multipleOf\":7}",
            List.of("0", "7", "14", "-49", "700", "1001"),
            List.of("1", "8", "-50", "1000")),
        new Schemas(
            "quarters",
            "{\"type\":\"number\",\"multipleOf\":0.25,\"minimum\":-1,\"exclusiveMaximum\":1}",
            List.of("-1", "-0.75", "0", "0.25", "0.75"),
            List.of("1", "0.3", "-1.25")),
        new Schemas(
            "a map of numbers",
            "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"number\"}}",
            List.of("{}", "{\"x\":1,\"日\":2.5}", "{\"\": 0}"),
            List.of("{\"x\":\"1\"}", "{x:1}")),
        new Schemas(
            "properties and others",
            """
            {"type":"object","properties":{"id":{"type":"integer"},"idea":{"type":"boolean"}},
             "required":["id"],"additionalProperties":{"type":"string"}}\
            """,
            List.of(
                "{\"id\":1}",
                "{\"id\":1,\"i\":\"x\",\"ide\":\"\",\"ideas\":\"y\",\"\":\"\"}",
                "{\"id\":1,\"idea\":true,\"other\":\"z\"}"),
            List.of(
                "{\"id\":1,\"id\":\"x\"}", "{\"id\":1,\"other\":2}", "{\"id\":1,\"idea\":\"x\"}")),
        new Schemas(
            "required beyond properties",
            "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"b\"]}",
            List.of("{\"b\":[1]}", "{\"a\":1,\"b\":null}"),
            List.of("{}", "{\"a\":1}")),
        new Schemas(
            "anything",
            "{}",
            List.of("1", "\"x\"", "{\"a\":[{}]}", "null", "-1.5E-10"),
            List.of("", "tru", "1.", "[1,]", "{\"a\"}")),
        new Schemas(
            "nullable and annotated",
            """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","title":"T","type":"object",
             "description":"d","properties":{"a":{"type":["integer","null"],"default":3,
             "description":"x"},"b":{"allOf":[{"$ref":"#/definitions/b"}],"title":"B"}},
             "required":["a","b"],"definitions":{"b":{"type":"boolean"}},
             "additionalProperties":false}\
            """,
            List.of("{\"a\":null,\"b\":true}", "{\"a\":5,\"b\":false}"),
            List.of("{\"a\":\"x\",\"b\":true}")),
        new Schemas(
            "an extraction of usual size",
            """
            {"type":"object","properties":{"title":{"type":"string"},"summary":{"type":"string"},
             "tags":{"type":"array","items":{"type":"string"},"maxItems":8},
             "author":{"type":"object","properties":{"name":{"type":"string"},
             "email":{"type":["string","null"]}},"required":["name","email"],
             "additionalProperties":false},"published":{"type":"string","format":"date"},
             "rating":{"type":"number","minimum":0,"maximum":5},
             "language":{"type":"string","enum":["en","de","fr","ja","zh"]},
             "sections":{"type":"array","items":{"type":"object","properties":{
             "heading":{"type":"string"},"words":{"type":"integer"}},
             "required":["heading","words"],"additionalProperties":false}}},
             "required":["title","summary","tags","author","published","rating","language","sections"],
             "additionalProperties":false}\
            """,
            List.of(
                "{\"title\":\"T\",\"summary\":\"S\",\"tags\":[\"a\",\"b\"],\"author\":{\"name\":\"N\",\"email\":null},\"published\":\"2026-01-02\",\"rating\":4.5,\"language\":\"de\",\"sections\":[{\"heading\":\"H\",\"words\":12}]}"),
            List.of("{\"title\":\"T\"}")));
  }

  /** Schemas that ask for what cannot be enforced, with a word that the refusal must name. */
  static Map<String, String> refused() {
    var refused = new LinkedHashMap<String, String>();
    refused.put("{", "not JSON");
    refused.put("[]", "object or a boolean");
    refused.put("{\"type\":\"text\"}", "text");
    refused.put("{\"not\":{\"type\":\"string\"}}", "not");
    refused.put("{\"if\":{},\"then\":{}}", "if");
    refused.put("{\"type\":\"array\",\"uniqueItems\":true}", "uniqueItems");
    refused.put("{\"type\":\"array\",\"contains\":{}}", "contains");
    refused.put("{\"type\":\"object\",\"patternProperties\":{}}", "patternProperties");
    refused.put("{\"type\":\"object\",\"minProperties\":1}", "minProperties");
    refused.put("{\"allOf\":[{\"type\":\"string\"},{\"maxLength\":3}]}", "allOf");
    refused.put("{\"oneOf\":[{\"type\":\"number\"},{\"type\":\"integer\"}]}", "oneOf");
    refused.put("{\"type\":\"string\",\"format\":\"color\"}", "color");
    refused.put("{\"type\":\"string\",\"pattern\":\"(a)\\\\1\"}", "backreference");
    refused.put("{\"type\":\"string\",\"pattern\":\"(?=a)b\"}", "lookahead");
    refused.put("{\"type\":\"string\",\"pattern\":\"a^b\"}", "anchor");
    refused.put("{\"type\":\"string\",\"pattern\":\"[b-a]\"}", "out of order");
    refused.put("{\"type\":\"string\",\"pattern\":\"(\"}", "unmatched");
    refused.put("{\"type\":\"string\",\"pattern\":\"a\",\"maxLength\":3}", "maxLength");
    refused.put("{\"type\":\"string\",\"maxLength\":1000000}", "maxLength");
    refused.put("{\"type\":\"string\",\"minLength\":-1}", "minLength");
    refused.put("{\"type\":\"integer\",\"minimum\":5,\"maximum\":4}", "bounds");
    refused.put("{\"type\":\"number\",\"multipleOf\":0.3}", "multipleOf");
    refused.put("{\"$ref\":\"http://example.com/x\"}", "http://example.com/x");
    refused.put("{\"$ref\":\"#/$defs/none\"}", "#/$defs/none");
    refused.put("{\"$ref\":\"#\"}", "no text can match");
    refused.put("{\"$ref\":\"#/a\",\"a\":{\"type\":\"string\"}}", "keyword a");
    refused.put(
        "{\"type\":\"object\",\"properties\":{\"x\":{\"$ref\":\"#\"}},\"required\":[\"x\"]}",
        "no text can match");
    refused.put("{\"enum\":[]}", "no text can match");
    refused.put("{\"type\":\"string\",\"enum\":[1]}", "no text can match");
    refused.put(
        "{\"type\":\"object\",\"required\":[\"x\"],\"additionalProperties\":false}", "forbids");
    refused.put("{\"type\":\"string\",\"minLength\":3,\"maxLength\":2}", "minLength");
    refused.put("{\"type\":\"array\",\"minItems\":3,\"maxItems\":2}", "minItems");
    return refused;
  }
}
