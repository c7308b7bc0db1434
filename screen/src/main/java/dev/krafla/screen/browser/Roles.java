package dev.krafla.screen.browser;

import dev.krafla.screen.Role;
import java.util.Map;
import java.util.Optional;

/** Chromium's accessibility roles (ARIA's and its own) as the closed list. */
final class Roles {
  private static final Map<String, Role> ROLES =
      Map.ofEntries(
          Map.entry("RootWebArea", Role.WINDOW),
          Map.entry("dialog", Role.DIALOG),
          Map.entry("alertdialog", Role.DIALOG),
          Map.entry("menu", Role.MENU),
          Map.entry("menubar", Role.MENU),
          Map.entry("menuitem", Role.MENUITEM),
          Map.entry("menuitemcheckbox", Role.MENUITEM),
          Map.entry("menuitemradio", Role.MENUITEM),
          Map.entry("tab", Role.TAB),
          Map.entry("tablist", Role.TABLIST),
          Map.entry("navigation", Role.NAV),
          Map.entry("list", Role.LIST),
          Map.entry("listbox", Role.LIST),
          Map.entry("tree", Role.LIST),
          Map.entry("feed", Role.LIST),
          Map.entry("directory", Role.LIST),
          Map.entry("listitem", Role.LISTITEM),
          Map.entry("option", Role.LISTITEM),
          Map.entry("treeitem", Role.LISTITEM),
          Map.entry("article", Role.REGION),
          Map.entry("table", Role.TABLE),
          Map.entry("grid", Role.TABLE),
          Map.entry("treegrid", Role.TABLE),
          Map.entry("row", Role.ROW),
          Map.entry("cell", Role.CELL),
          Map.entry("gridcell", Role.CELL),
          Map.entry("columnheader", Role.CELL),
          Map.entry("rowheader", Role.CELL),
          Map.entry("heading", Role.HEADING),
          Map.entry("StaticText", Role.TEXT),
          Map.entry("SvgText", Role.TEXT),
          Map.entry("math", Role.TEXT),
          Map.entry("link", Role.LINK),
          Map.entry("button", Role.BUTTON),
          Map.entry("DisclosureTriangle", Role.BUTTON),
          Map.entry("DisclosureTriangleGrouped", Role.BUTTON),
          Map.entry("checkbox", Role.CHECKBOX),
          Map.entry("radio", Role.RADIO),
          Map.entry("switch", Role.SWITCH),
          Map.entry("combobox", Role.COMBOBOX),
          Map.entry("textbox", Role.TEXTBOX),
          Map.entry("searchbox", Role.TEXTBOX),
          Map.entry("spinbutton", Role.TEXTBOX),
          Map.entry("Date", Role.TEXTBOX),
          Map.entry("DateTime", Role.TEXTBOX),
          Map.entry("InputTime", Role.TEXTBOX),
          Map.entry("ColorWell", Role.TEXTBOX),
          Map.entry("slider", Role.SLIDER),
          Map.entry("progressbar", Role.TEXT),
          Map.entry("meter", Role.TEXT),
          Map.entry("status", Role.REGION),
          Map.entry("alert", Role.REGION),
          Map.entry("image", Role.IMAGE),
          Map.entry("img", Role.IMAGE),
          Map.entry("figure", Role.REGION),
          Map.entry("Canvas", Role.CANVAS),
          Map.entry("main", Role.REGION),
          Map.entry("region", Role.REGION),
          Map.entry("form", Role.REGION),
          Map.entry("banner", Role.REGION),
          Map.entry("contentinfo", Role.REGION),
          Map.entry("complementary", Role.REGION),
          Map.entry("search", Role.REGION),
          Map.entry("tabpanel", Role.REGION),
          Map.entry("group", Role.REGION),
          Map.entry("radiogroup", Role.REGION),
          Map.entry("toolbar", Role.REGION),
          Map.entry("application", Role.REGION),
          Map.entry("Iframe", Role.REGION),
          Map.entry("IframePresentational", Role.REGION),
          Map.entry("Video", Role.IMAGE),
          Map.entry("Audio", Role.IMAGE));

  private Roles() {}

  /** Empty for what only groups others and says nothing itself. */
  static Optional<Role> of(String ax) {
    return Optional.ofNullable(ROLES.get(ax));
  }

  /** Whether the role's name is its content, so that the content need not be said again. */
  static boolean namedByContent(Role role) {
    return switch (role) {
      case MENUITEM, TAB, HEADING, LINK, BUTTON, CHECKBOX, RADIO, SWITCH, CELL -> true;
      case WINDOW,
          DIALOG,
          MENU,
          TABLIST,
          NAV,
          LIST,
          LISTITEM,
          TABLE,
          ROW,
          TEXT,
          COMBOBOX,
          TEXTBOX,
          SLIDER,
          IMAGE,
          REGION,
          CANVAS ->
          false;
    };
  }
}
