package dev.hourglass.core.document;

import java.util.List;

/// A part of a report under one heading.
///
/// @param id short and stable, for links: lower case letters and hyphens
/// @param title the heading
/// @param blocks in reading order
public record Section(String id, String title, List<Block> blocks) {
    public Section {
        if (!id.matches("[a-z0-9-]+")) {
            throw new IllegalArgumentException("a section's id is lower case letters, digits and hyphens, not " + id);
        }
        blocks = List.copyOf(blocks);
    }
}
