"""The comparison of introspection XML, and the interfaces in the tree."""
import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import introspection  # noqa: E402

WRITTEN = """<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
<node><!-- about --><interface name="org.example.A1">
  <!--
      Go:
      @where: somewhere
      @done: whether

      Errors:
        none
  -->
  <method name="Go"><arg name="where" type="s" direction="in"/><arg name="done" type="b" direction="out"/></method>
  <!--
      Name:
  -->
  <property name="Name" type="s" access="read">
    <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="true"/></property>
  <!--
      Gone:
      @far: how far
  -->
  <signal name="Gone"><arg name="far" type="u"/></signal>
</interface></node>"""

# The same, as another program might print it.
SERVED = """<node><interface name="org.freedesktop.DBus.Peer"><method name="Ping"/></interface>
<interface name="org.example.A1"><signal name="Gone"><arg type="u" name="far" direction="out"/></signal>
<property access="read" type="s" name="Name"></property>
<method name="Go"><arg type="b" name="done" direction="out"/><arg type="s" name="where"/></method>
</interface><node name="child"/></node>"""


class Canonical(unittest.TestCase):
    def assert_differs(self, old, new):
        self.assertIn(old, SERVED)
        changed = introspection.interfaces(SERVED.replace(old, new))
        self.assertNotEqual(introspection.difference(introspection.interfaces(WRITTEN), changed), "")

    def test_order_comments_and_defaults_mean_nothing(self):
        self.assertEqual(introspection.interfaces(WRITTEN), introspection.interfaces(SERVED))
        self.assertEqual(introspection.canonical(introspection.interfaces(SERVED)),
                         "org.example.A1\n  method Go(s where) -> (b done)\n  property Name: s read\n"
                         "  signal Gone(u far)\n")

    def test_whatever_means_something_differs(self):
        self.assert_differs("org.example.A1", "org.example.A2")
        self.assert_differs('type="u"', 'type="t"')
        self.assert_differs('name="far"', 'name="near"')
        self.assert_differs('access="read"', 'access="readwrite"')
        self.assert_differs('name="where"', 'name="where" direction="out"')
        self.assert_differs("Gone", "Lost")
        self.assert_differs('name="Name">',
                            'name="Name"><annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" '
                            'value="const"/>')
        self.assert_differs('<signal name="Gone">', '<method name="More"/><signal name="Gone">')

    def test_the_order_of_arguments_means_something(self):
        two = '<node><interface name="a.B1"><method name="M"><arg name="x" type="s"/><arg name="y" type="s"/></method>' \
              "</interface></node>"
        swapped = two.replace('"x"', '"z"').replace('"y"', '"x"').replace('"z"', '"y"')
        self.assertNotEqual(introspection.interfaces(two), introspection.interfaces(swapped))

    def test_an_interface_that_stands_twice_must_agree(self):
        inner = SERVED[len("<node>"):]
        self.assertEqual(len(introspection.interfaces("<node>" + inner[:-len("</node>")] + inner)), 1)
        with self.assertRaises(ValueError):
            introspection.interfaces("<node>" + inner[:-len("</node>")] + inner.replace("Gone", "Lost"))

    def test_compare_as_a_command(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "org.example.A1.xml").write_text(WRITTEN)
            served = pathlib.Path(folder) / "served"
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                served.write_text(SERVED)
                self.assertEqual(introspection.main(["--compare", str(served), folder]), 0)
                self.assertEqual(output.getvalue(), "")
                served.write_text(SERVED.replace("Gone", "Lost"))
                self.assertEqual(introspection.main(["--compare", str(served), folder]), 1)
            self.assertIn("-  signal Gone(u far)", output.getvalue())


class Lint(unittest.TestCase):
    def complaints(self, xml, name="org.example.A1.xml"):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / name
            path.write_text(xml)
            return list(introspection.complaints(path, {"Locked"}))

    def test_rules(self):
        self.assertEqual(self.complaints(WRITTEN), [])
        self.assertEqual(len(self.complaints(WRITTEN, "org.example.B1.xml")), 1)
        for old, new in [("Go:", "Went:"), ("@where:", "@here:"), ("Errors:", "Faults:"), ("none", "org.budstikke.Error.No"),
                         ('name="Gone"', 'name="gone"'), ('name="far"', 'name="Far"')]:
            self.assertTrue(self.complaints(WRITTEN.replace(old, new)), f"{old} -> {new}")

    def test_the_interfaces_of_the_tree(self):
        names = introspection.error_names(ROOT)
        self.assertEqual(len(names), 16)
        paths = sorted((ROOT / "dbus" / "interfaces").glob("org.budstikke.*.xml"))
        self.assertGreaterEqual(len(paths), 10)
        for path in paths:
            self.assertEqual(list(introspection.complaints(path, names)), [], path.name)


if __name__ == "__main__":
    unittest.main()
