package dev.hourglass.core.text;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.PrettyPrinter;

/// JSON in which every item of a list down to some level stands on a line of its own, and so does every
/// member of an object above that level; what lies deeper follows on the line.
///
/// @param level of the lowest list whose items begin a line; 1 is the whole text
/// @param indent what stands before them
record ItemLines(int level, String indent) implements PrettyPrinter {
    private static boolean isWithin(JsonGenerator json, int deepest) {
        return json.streamWriteContext().getNestingDepth() <= deepest;
    }

    private void line(JsonGenerator json, int deepest) {
        if (isWithin(json, deepest)) {
            json.writeRaw('\n');
            json.writeRaw(indent);
        }
    }

    private static void lastLine(JsonGenerator json, int deepest) {
        if (isWithin(json, deepest)) {
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
        json.writeRaw(isWithin(json, level - 1) ? "," : ", ");
        line(json, level - 1);
    }

    @Override
    public void writeEndObject(JsonGenerator json, int members) {
        if (members > 0) {
            lastLine(json, level - 1);
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
            lastLine(json, level);
        }
        json.writeRaw(']');
    }
}
