package dev.hourglass.core.document;

import java.util.List;
import java.util.stream.Stream;

/// A report as a document, before it has a format.
///
/// @param title what was measured, for a window's title or a first heading
/// @param context short facts that place the run: model, quantisation, engine, machine
/// @param headline the one thing to remember
/// @param sections in reading order
public record Report(String title, List<String> context, Headline headline, List<Section> sections) {

    /// The one thing to remember.
    ///
    /// @param statement a full sentence with its number
    /// @param figures the numbers beside it, most important first
    /// @param neck where the time narrows, drawn
    /// @param notes what must be known before any number is believed
    public record Headline(String statement, List<Figure> figures, Chart.Neck neck, List<Block.Note> notes) {
        public Headline {
            figures = List.copyOf(figures);
            notes = List.copyOf(notes);
        }
    }

    public Report {
        context = List.copyOf(context);
        sections = List.copyOf(sections);
    }

    /// All blocks of the kind, over all sections, in reading order.
    public <B extends Block> Stream<B> blocks(Class<B> kind) {
        return sections.stream()
                .flatMap(s -> s.blocks().stream())
                .filter(kind::isInstance)
                .map(kind::cast);
    }
}
