package dev.hourglass.core.text;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.PrettyPrinter;

/// JSON in which every item of a list down to some level stands on a line of its own, and so does every
/// member of an object above that level; what lies deeper follows on the line. Nothing is indented: files
/// of a million rows are read by programs, and by people with `grep`.
///
/// @param level of the lowest list whose items begin a line; 1 is the whole text
record ItemLines(int level) implements PrettyPrinter {
    private void line(JsonGenerator json, int deepest) {
        if (json.streamWriteContext().getNestingDepth() <= deepest) {
            json.writeRaw('\n');
        }
    }

    @Override
    public void writeRootValueSeparator(JsonGenerator json) {
        json.writeRaw('\n');
    }

    @Override
    public void writeStartObject(JsonGenerator json) {
        json.writeRaw('{');
    }

    @Override
    public void beforeObjectEntries(JsonGenerator json) {
        line(json, level - 1);
    }

    @Override
    public void writeObjectNameValueSeparator(JsonGenerator json) {
        json.writeRaw(": ");
    }

    @Override
    public void writeObjectEntrySeparator(JsonGenerator json) {
        json.writeRaw(json.streamWriteContext().getNestingDepth() < level ? ",\n" : ", ");
    }

    @Override
    public void writeEndObject(JsonGenerator json, int members) {
        if (members > 0) {
            line(json, level - 1);
        }
        json.writeRaw('}');
    }

    @Override
    public void writeStartArray(JsonGenerator json) {
        json.writeRaw('[');
    }

    @Override
    public void beforeArrayValues(JsonGenerator json) {
        line(json, level);
    }

    @Override
    public void writeArrayValueSeparator(JsonGenerator json) {
        json.writeRaw(',');
        line(json, level);
    }

    @Override
    public void writeEndArray(JsonGenerator json, int items) {
        if (items > 0) {
            line(json, level);
        }
        json.writeRaw(']');
    }
}
